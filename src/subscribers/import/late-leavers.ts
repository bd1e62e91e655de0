import { DAY_MS } from '../../platform/durations.js';
import type { Import } from './import.js';

/** So many days after mailing was started, who left by an old link meanwhile is brought once more. */
const ASKED_AFTER_DAYS = [2, 7, 30];
/** After that nobody is reminded any more. */
const REMINDED_FOR_MS = 60 * DAY_MS;

/**
 * Imports whose late unsubscribes are due: links in mails of the old product lead there for years, and whoever leaves by one has
 * left here too only once another file was added.
 * @param imports of one publication
 */
export function listDueLateLeavers(imports: readonly Import[], now: Date): Import[] {
  return imports.filter(({ id, productName, state, startAt, done }) => {
    if (state !== 'added' || startAt === null || (done.new ?? 0) === 0) return false;
    const age = now.getTime() - startAt.getTime();
    const due = ASKED_AFTER_DAYS.filter((days) => days * DAY_MS <= age).at(-1);
    if (due === undefined || age > REMINDED_FOR_MS) return false;
    const since = new Date(startAt.getTime() + due * DAY_MS);
    return !imports.some(
      (other) =>
        other.id !== id &&
        other.productName === productName &&
        other.addedAt !== null &&
        other.addedAt >= since,
    );
  });
}
