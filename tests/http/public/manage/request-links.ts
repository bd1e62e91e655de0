import { manageUrl } from '../../../../src/deliveries/mail-urls.js';
import type { TestApp } from '../../../support/test-app.js';
import { lastMail, linkIn, post, subscriptionOf } from '../../../support/reader-actions.js';

/** The settings link of her mails, which she may have forwarded. */
export async function findManageLink(house: TestApp, email: string): Promise<string> {
  return manageUrl(house.context, await subscriptionOf(house, email));
}

/** She asks for the link that is hers alone, and opens her mailbox. */
export async function requestOneHourLink(house: TestApp, email: string): Promise<string> {
  await post(`${await findManageLink(house, email)}/link`);
  await house.runDueJobs();
  return linkIn(await lastMail(house, email), 'manage');
}

/** She asks to read at another address with a link of her own. */
export async function requestAddressChange(house: TestApp, from: string, to: string): Promise<Response> {
  const answer = await post(`${await requestOneHourLink(house, from)}/address`, { email: to });
  await house.runDueJobs();
  return answer;
}
