import { articleSource } from '../articles/reads.js';
import { deliverySources } from '../deliveries/reads.js';
import { listRecentDigests } from '../digests/reads.js';
import type { Context } from '../platform/context.js';
import { listDifferences, type CountDifference, type CountSource } from '../platform/counts/differences.js';
import { correctCounts } from '../platform/counts/differences.js';
import { LONG_STATEMENT_LIMIT_MS } from '../platform/db/database.js';
import { DAY_MS } from '../platform/durations.js';
import { readerSources } from '../subscribers/counts/reads.js';
import { leaveReasonSource } from '../subscribers/leave/reads.js';
import { heldSignUpSource } from '../subscribers/sign-up/reads.js';
import { suppressionSource } from '../subscribers/suppression/operator-reads.js';

/** A kept number that did not say what there is. */
export type WrongCount = CountDifference & { name: string };

const SOURCES: readonly CountSource[] = [
  ...readerSources,
  heldSignUpSource,
  suppressionSource,
  leaveReasonSource,
  articleSource,
];

/** How long ago a digest was made whose deliveries may still change by themselves: three days, and as long for late words of servers. */
const RECENT_DIGEST_MS = 7 * DAY_MS;

/**
 * Counts anew what the kept numbers count, and compares. Nothing is locked, and what changes meanwhile is right on both sides.
 * @param allDigests also of those that are older than a week, which takes minutes for a hundred million deliveries
 * @param correct makes the numbers say what there is
 */
export async function checkCounts(
  { db, now }: Pick<Context, 'db' | 'now'>,
  { allDigests, correct }: { allDigests: boolean; correct: boolean },
): Promise<WrongCount[]> {
  const digests = allDigests
    ? deliverySources()
    : (await listRecentDigests(db, new Date(now().getTime() - RECENT_DIGEST_MS))).flatMap(({ id }) =>
        deliverySources(id),
      );
  const wrong: WrongCount[] = [];
  for (const source of [...SOURCES, ...digests]) {
    const differences = await db.transaction(
      (tx) => (correct ? correctCounts : listDifferences)(tx, source),
      {
        statementLimitMs: LONG_STATEMENT_LIMIT_MS,
      },
    );
    wrong.push(...differences.map((difference) => ({ name: source.name, ...difference })));
  }
  return wrong;
}

/**
 * Each night. A worker of an older version may have sent while the tables changed, or somebody has changed rows by hand: the numbers
 * are right again within a day.
 */
export async function correctWrongCounts(context: Pick<Context, 'db' | 'now' | 'log'>): Promise<void> {
  const wrong = await checkCounts(context, { allDigests: false, correct: true });
  const names = [...new Set(wrong.map(({ name }) => name))];
  if (wrong.length > 0) context.log.warn({ event: 'counts.corrected', names, numbers: wrong.length });
}
