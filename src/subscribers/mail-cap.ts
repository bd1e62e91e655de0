const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;

/** How far back the history of an address matters, in milliseconds. */
export const MAIL_CAP_WINDOW_MS = 30 * DAY_MS;

type CappedMail = { publicationId: string; askedAt: Date };

/**
 * May an address that has not clicked be mailed once more? (S26)
 * By one publication: again after a minute, then once a day, at most three times in 30 days. By all together: five a day.
 * @param history the mails to this address in the last 30 days, in any order
 */
export function isWithinMailCap(history: readonly CappedMail[], publicationId: string, now: Date): boolean {
  const ages = (asked: readonly CappedMail[]) =>
    asked.map(({ askedAt }) => now.getTime() - askedAt.getTime());
  const fromAll = ages(history).filter((age) => age < DAY_MS);
  if (fromAll.length >= 5) return false;
  const fromUs = ages(history.filter((asked) => asked.publicationId === publicationId));
  if (fromUs.length === 0) return true;
  if (fromUs.length >= 3) return false;
  return Math.min(...fromUs) >= (fromUs.length === 1 ? MINUTE_MS : DAY_MS);
}

/**
 * May the person who sent a request have its mail sent again? Counts only her own presses, so the answer says nothing
 * of what others did with the address; the job applies `mayAsk` all the same.
 * @param resends how often it was sent again before
 */
export function mayResend(resends: number, lastAskedAt: Date, now: Date): boolean {
  const age = now.getTime() - lastAskedAt.getTime();
  return resends < 2 && age >= (resends === 0 ? MINUTE_MS : DAY_MS);
}
