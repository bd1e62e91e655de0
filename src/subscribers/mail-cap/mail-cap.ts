import { DAY_MS, MINUTE_MS } from '../../platform/durations.js';

/**
 * What a mailbox is mailed a limited number of times:
 * - unclicked: any mail to who has not clicked yet, since somebody else may have typed the address
 * - own-link: a one-hour link to her settings that was asked for on a page behind one of her links
 * - left: that her subscription was ended on a page
 */
export type CappedKind = 'unclicked' | 'own-link' | 'left';

/** How far back the mails to a mailbox count. */
export const MAIL_CAP_WINDOW_MS = 30 * DAY_MS;

const MAX_PER_DAY_OF_ALL = 5;
const MAX_PER_PUBLICATION = 3;

/** Of each kind whose page can be reached from a mail that was forwarded. */
const MAX_PER_DAY = 3;

type CappedMail = { publicationId: string; askedAt: Date };

/**
 * Whether a mailbox whose owner has not clicked yet may have one more mail. From one publication at most three in 30 days,
 * the second after a minute, the third after a day; from all publications together five a day.
 * @param history the mails to this mailbox within `MAIL_CAP_WINDOW_MS`, in any order
 */
export function isWithinMailCap(history: readonly CappedMail[], publicationId: string, now: Date): boolean {
  const ages = agesOf(history, now);
  if (ages.filter((age) => age < DAY_MS).length >= MAX_PER_DAY_OF_ALL) return false;
  const ofPublication = agesOf(ofOne(history, publicationId), now);
  if (ofPublication.length === 0) return true;
  if (ofPublication.length >= MAX_PER_PUBLICATION) return false;
  return Math.min(...ofPublication) >= (ofPublication.length === 1 ? MINUTE_MS : DAY_MS);
}

/** Whether a mailbox may have one more mail of a kind that one publication sends it at most three times a day. */
export function isWithinDailyCap(history: readonly CappedMail[], publicationId: string, now: Date): boolean {
  return agesOf(ofOne(history, publicationId), now).filter((age) => age < DAY_MS).length < MAX_PER_DAY;
}

function ofOne(history: readonly CappedMail[], publicationId: string): CappedMail[] {
  return history.filter((mail) => mail.publicationId === publicationId);
}

function agesOf(mails: readonly CappedMail[], now: Date): number[] {
  return mails.map(({ askedAt }) => now.getTime() - askedAt.getTime());
}
