import { DAY_MS, MINUTE_MS } from '../../platform/durations.js';

/** How far back the mails to an address count. */
export const MAIL_CAP_WINDOW_MS = 30 * DAY_MS;

const MAX_PER_DAY_OF_ALL = 5;
const MAX_PER_PUBLICATION = 3;

type CappedMail = { publicationId: string; askedAt: Date };

/**
 * Whether an address whose owner has not clicked yet may have one more mail. From one publication at most three in 30 days,
 * the second after a minute, the third after a day; from all publications together five a day.
 * @param history the mails to this address within `MAIL_CAP_WINDOW_MS`, in any order
 */
export function isWithinMailCap(history: readonly CappedMail[], publicationId: string, now: Date): boolean {
  const ages = (mails: readonly CappedMail[]) =>
    mails.map(({ askedAt }) => now.getTime() - askedAt.getTime());
  const ofAllToday = ages(history).filter((age) => age < DAY_MS);
  if (ofAllToday.length >= MAX_PER_DAY_OF_ALL) return false;
  const ofPublication = ages(history.filter((mail) => mail.publicationId === publicationId));
  if (ofPublication.length === 0) return true;
  if (ofPublication.length >= MAX_PER_PUBLICATION) return false;
  return Math.min(...ofPublication) >= (ofPublication.length === 1 ? MINUTE_MS : DAY_MS);
}
