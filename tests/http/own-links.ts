import { manageUrl } from '../../src/deliveries/mail-names.js';
import type { House } from '../support/house.js';
import { lastMail, linkIn, post, subscriptionOf } from './reader.js';

/** The settings link of her mails, which she may have forwarded. */
export async function settingsLink(house: House, email: string): Promise<string> {
  return manageUrl(house.context, await subscriptionOf(house, email));
}

/** She asks for the link that is hers alone, and opens her mailbox. */
export async function ownLink(house: House, email: string): Promise<string> {
  await post(`${await settingsLink(house, email)}/link`);
  await house.work();
  return linkIn(await lastMail(house, email), 'manage');
}

/** She asks to read at another address with a link of her own. */
export async function askToMove(house: House, from: string, to: string): Promise<Response> {
  const answer = await post(`${await ownLink(house, from)}/address`, { email: to });
  await house.work();
  return answer;
}
