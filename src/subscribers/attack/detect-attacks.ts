import type { Context } from '../../platform/context.js';
import { invalidateAttackCache } from './attack.js';
import { countFormsOutsideAttacks, listBusyIntervals, listEndedByHand, type CountInterval } from './reads.js';
import { attackCause, MIN_FORMS } from './cause.js';
import { startOrExtendAttack, endCalmAttacks, deleteExpiredProofs, type NewAttack } from './writes.js';

const COUNT_INTERVAL_MS = 10 * 60_000;
const DAY_MS = 24 * 3600 * 1000;
const BASELINE_MS = 14 * DAY_MS;
/** After so long without a sign of it, an attack is over. */
const CALM_PERIOD_MS = 30 * 60_000;
/** So long it does not begin again by itself where an operator ended it. */
const HAND_ENDED_PERIOD_MS = DAY_MS;

type DetectionContext = Pick<Context, 'db' | 'now'>;

/** Looks at the last minutes' forms: attacks begin, go on, and end. */
export async function detectAttacks(context: DetectionContext): Promise<void> {
  const { db } = context;
  const now = context.now();
  const calledOff = await listEndedByHand(db, new Date(now.getTime() - HAND_ENDED_PERIOD_MS));
  // The span that runs, and the one before it: an attack that began a minute ago is seen, one that ended too for a while.
  const since = new Date(now.getTime() - 2 * COUNT_INTERVAL_MS);
  const spans = (await listBusyIntervals(db, since, MIN_FORMS)).filter(
    ({ publicationId }) => !calledOff.includes(publicationId),
  );
  const seen = (await Promise.all(spans.map((span) => findAttackIn(context, span, now)))).flat();
  await db.transaction(async (tx) => {
    for (const attack of seen) await startOrExtendAttack(tx, attack, now);
    await endCalmAttacks(tx, new Date(now.getTime() - CALM_PERIOD_MS), now);
    await deleteExpiredProofs(tx, now);
  });
  invalidateAttackCache(context);
}

async function findAttackIn({ db }: DetectionContext, span: CountInterval, now: Date): Promise<NewAttack[]> {
  const { publicationId, forms, refused } = span;
  const [from, to] = [new Date(now.getTime() - BASELINE_MS), new Date(span.beganAt.getTime())];
  const usual =
    (await countFormsOutsideAttacks(db, publicationId, { from, to })) / (BASELINE_MS / COUNT_INTERVAL_MS);
  const cause = attackCause({ forms, refused, usual });
  return cause === undefined ? [] : [{ publicationId, cause, forms, refused, usual }];
}
