import type { Context } from '../../platform/context.js';
import type { Tx } from '../../platform/db/database.js';
import { uuidv7 } from '../../platform/uuid.js';
import { addFormCounts, addToLimits, type SignUpRequestRow, type FormCount } from '../request-writes.js';
import { exceededLimits, floodLimits, LIMIT_WINDOW_MS, countByKey, type FormLimit } from './limits.js';
import { recordRequests } from './record-requests.js';

/** What came in by a form, and the limits of where it came from. */
export type SubmittedForm = { request: Omit<SignUpRequestRow, 'id'>; networks: readonly FormLimit[] };

/** `held`: it waits for a person, and no mail is sent before she has looked. */
export type RecordResult =
  { kind: 'recorded'; id: string; held: boolean } | { kind: 'too-many'; seconds: number };

type BatchContext = Pick<Context, 'db' | 'now'>;

/** Refused until then, or a row to write. */
type LimitDecision = { until: Date; publicationId: string } | { row: SignUpRequestRow };

const COUNT_INTERVAL_MS = 10 * 60_000;

/**
 * Records a batch in one transaction of four statements: limits, requests, the promise to answer them, and the counts, those
 * of forms that were refused before among them. All are recorded, or none.
 */
export async function recordBatch(
  { db, now }: BatchContext,
  attempts: readonly SubmittedForm[],
  refused: readonly FormCount[],
): Promise<RecordResult[]> {
  const at = now();
  const judged = await db.transaction(async (tx) => {
    const all = await applyLimits(tx, attempts, at);
    const rows = all.flatMap((one) => ('row' in one ? [one.row] : []));
    if (rows.length > 0) await recordRequests(tx, rows, at);
    await addFormCounts(tx, sumCounts(refused, all), startOfInterval(at));
    return all;
  });
  return judged.map((one) =>
    'row' in one
      ? { kind: 'recorded', id: one.row.id, held: one.row.held }
      : { kind: 'too-many', seconds: secondsUntil(one.until, at) },
  );
}

async function applyLimits(tx: Tx, attempts: readonly SubmittedForm[], now: Date): Promise<LimitDecision[]> {
  const { tooMany, flooded } = await countTowardsLimits(tx, attempts, now);
  return attempts.map(({ request }, at) => {
    const until = tooMany[at];
    return until === undefined
      ? { row: toRow(request, flooded[at] !== undefined, now) }
      : { until, publicationId: request.publicationId };
  });
}

/** What a network sends beyond its limit is given back to the limits that others have a part in. */
async function countTowardsLimits(tx: Tx, attempts: readonly SubmittedForm[], now: Date) {
  const networks = attempts.map((attempt) => attempt.networks);
  const floods = attempts.map(({ request }) => floodLimits(request.publicationId));
  const counted = await addPoints(tx, countByKey([...networks, ...floods].flat()), now);
  const tooMany = exceededLimits(networks, counted);
  const refused = countByKey(floods.filter((_, at) => tooMany[at] !== undefined).flat());
  const givenBack = refused.map(({ key, points }) => ({ key, points: -points }));
  const recounted = [...counted, ...(await addPoints(tx, givenBack, now))];
  const left = floods.map((limits, at) => (tooMany[at] === undefined ? limits : []));
  return { tooMany, flooded: exceededLimits(left, recounted) };
}

async function addPoints(tx: Tx, counts: readonly { key: string; points: number }[], now: Date) {
  if (counts.length === 0) return [];
  return await addToLimits(tx, counts, new Date(now.getTime() + LIMIT_WINDOW_MS), now);
}

/** Thousands at once are not all readers, and not all not: a person looks at those above the usual. */
function toRow(request: SubmittedForm['request'], flood: boolean, now: Date): SignUpRequestRow {
  const id = uuidv7(now);
  return flood ? { ...request, id, held: true, reasons: [...request.reasons, 'flood'] } : { ...request, id };
}

function sumCounts(refused: readonly FormCount[], judged: readonly LimitDecision[]): FormCount[] {
  const sums = new Map<string, FormCount>();
  for (const count of [...refused, ...judged.map(toCount)]) addCount(sums, count);
  return [...sums.values()];
}

function toCount(judged: LimitDecision): FormCount {
  if ('until' in judged) return { publicationId: judged.publicationId, outcome: 'too-many', count: 1 };
  const { publicationId, held } = judged.row;
  return { publicationId, outcome: held ? 'held' : 'recorded', count: 1 };
}

/** Adds to the count of its publication and outcome. */
export function addCount(sums: Map<string, FormCount>, { publicationId, outcome, count }: FormCount): void {
  const key = `${publicationId} ${outcome}`;
  sums.set(key, { publicationId, outcome, count: count + (sums.get(key)?.count ?? 0) });
}

function startOfInterval(at: Date): Date {
  return new Date(Math.floor(at.getTime() / COUNT_INTERVAL_MS) * COUNT_INTERVAL_MS);
}

function secondsUntil(until: Date, now: Date): number {
  return Math.max(1, Math.ceil((until.getTime() - now.getTime()) / 1000));
}
