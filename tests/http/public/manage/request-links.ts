import { manageUrl } from '../../../../src/deliveries/mail-urls.js';
import type { TestApp } from '../../../support/test-app.js';
import { lastMail, linkIn, post, subscriptionOf } from '../../../support/reader-actions.js';

/** The settings link of her mails, which she may forward. */
export async function findManageLink(testApp: TestApp, email: string): Promise<string> {
  return manageUrl(testApp.context, await subscriptionOf(testApp, email));
}

/** She asks for the one-hour link, and takes it from her mailbox. */
export async function requestOneHourLink(testApp: TestApp, email: string): Promise<string> {
  await post(`${await findManageLink(testApp, email)}/link`);
  await testApp.runDueJobs();
  return linkIn(await lastMail(testApp, email), 'manage');
}

/** She asks for another address, with a one-hour link. */
export async function requestAddressChange(testApp: TestApp, from: string, to: string): Promise<Response> {
  const answer = await post(`${await requestOneHourLink(testApp, from)}/address`, { email: to });
  await testApp.runDueJobs();
  return answer;
}
