import { bySystem } from '../../platform/actor.js';
import type { Context } from '../../platform/context.js';
import type { Tx } from '../../platform/db/database.js';
import { DAY_MS, MINUTE_MS } from '../../platform/durations.js';
import { runEach } from '../../platform/process/run-each.js';
import { attackCause, COUNT_INTERVAL_MS, MIN_FORMS } from './attack.js';
import { invalidateAttackCache } from './is-under-attack.js';
import { countFormsOutsideAttacks, listBusyIntervals, listEndedByHand, type CountInterval } from './reads.js';
import { beginAttack, endCalm } from './change-attack.js';
import { deleteExpiredProofs, type NewAttack } from './writes.js';

const BASELINE_MS = 14 * DAY_MS;
/** An attack without a sign of it for so long is over. */
const CALM_PERIOD_MS = 30 * MINUTE_MS;
/** Where an operator ended an attack, none begins by itself for so long. */
const HAND_ENDED_PERIOD_MS = DAY_MS;

type DetectionContext = Pick<Context, 'db' | 'now'>;

/** Begins, extends and ends attacks by the counts of the last minutes, and deletes proofs of work that have expired. */
export async function detectAttacks(context: DetectionContext): Promise<void> {
  const { db } = context;
  const now = context.now();
  const endedByHand = await listEndedByHand(db, new Date(now.getTime() - HAND_ENDED_PERIOD_MS));
  // The current interval and the one before it: a current one that has just begun has too few forms to tell.
  const since = new Date(now.getTime() - 2 * COUNT_INTERVAL_MS);
  const intervals = (await listBusyIntervals(db, since, MIN_FORMS)).filter(
    ({ publicationId }) => !endedByHand.includes(publicationId),
  );
  const found = (await Promise.all(intervals.map((one) => findAttackIn(context, one, now)))).flat();
  const change = (work: (tx: Tx) => Promise<unknown>) => () => db.transaction(work);
  await runEach([
    ...found.map((attack) => change((tx) => beginAttack(tx, bySystem(now), attack))),
    change((tx) => endCalm(tx, new Date(now.getTime() - CALM_PERIOD_MS), now)),
    change((tx) => deleteExpiredProofs(tx, now)),
  ]).finally(() => invalidateAttackCache(context));
}

async function findAttackIn(
  { db }: DetectionContext,
  { publicationId, forms, refused, beganAt }: CountInterval,
  now: Date,
): Promise<NewAttack[]> {
  const baseline = { from: new Date(now.getTime() - BASELINE_MS), to: beganAt };
  const baselineForms = await countFormsOutsideAttacks(db, publicationId, baseline);
  const usual = baselineForms / (BASELINE_MS / COUNT_INTERVAL_MS);
  const cause = attackCause({ forms, refused, usual });
  return cause === undefined ? [] : [{ publicationId, cause, forms, refused, usual }];
}
