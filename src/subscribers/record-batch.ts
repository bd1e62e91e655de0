import type { Context } from '../platform/context.js';
import type { Tx } from '../platform/db/database.js';
import { uuidv7 } from '../platform/uuid.js';
import { addCounts, countTowards, type RecordedRequest, type SignUpCount } from './request-writes.js';
import { above, floodLimits, LIMIT_WINDOW_MS, tally, type Limit } from './sign-up-limits.js';
import { recordRequests } from './sign-up.js';

/** What came in by a form, and the limits of where it came from. */
export type Attempt = { request: Omit<RecordedRequest, 'id'>; networks: readonly Limit[] };

/** `held`: it waits for a person, and no mail is sent before she has looked. */
export type Recorded =
  { kind: 'recorded'; id: string; held: boolean } | { kind: 'too-many'; seconds: number };

type BatchContext = Pick<Context, 'db' | 'now'>;

/** Refused until then, or a row to write. */
type Judged = { until: Date; publicationId: string } | { row: RecordedRequest };

const COUNT_SPAN_MS = 10 * 60_000;

/**
 * Records a batch in one transaction of four statements: limits, requests, the promise to answer them, and the counts, those
 * of forms that were refused before among them. All are recorded, or none.
 */
export async function recordBatch(
  { db, now }: BatchContext,
  attempts: readonly Attempt[],
  refused: readonly SignUpCount[],
): Promise<Recorded[]> {
  const at = now();
  const judged = await db.transaction(async (tx) => {
    const all = await judge(tx, attempts, at);
    const rows = all.flatMap((one) => ('row' in one ? [one.row] : []));
    if (rows.length > 0) await recordRequests(tx, rows, at);
    await addCounts(tx, summed(refused, all), spanOf(at));
    return all;
  });
  return judged.map((one) =>
    'row' in one
      ? { kind: 'recorded', id: one.row.id, held: one.row.held }
      : { kind: 'too-many', seconds: secondsTo(one.until, at) },
  );
}

async function judge(tx: Tx, attempts: readonly Attempt[], now: Date): Promise<Judged[]> {
  const { tooMany, flooded } = await countAll(tx, attempts, now);
  return attempts.map(({ request }, at) => {
    const until = tooMany[at];
    return until === undefined
      ? { row: rowOf(request, flooded[at] !== undefined, now) }
      : { until, publicationId: request.publicationId };
  });
}

/** What a network sends beyond its limit is given back to the limits that others have a part in. */
async function countAll(tx: Tx, attempts: readonly Attempt[], now: Date) {
  const networks = attempts.map((attempt) => attempt.networks);
  const floods = attempts.map(({ request }) => floodLimits(request.publicationId));
  const counted = await count(tx, tally([...networks, ...floods].flat()), now);
  const tooMany = above(networks, counted);
  const refused = tally(floods.filter((_, at) => tooMany[at] !== undefined).flat());
  const givenBack = refused.map(({ key, points }) => ({ key, points: -points }));
  const recounted = [...counted, ...(await count(tx, givenBack, now))];
  const left = floods.map((limits, at) => (tooMany[at] === undefined ? limits : []));
  return { tooMany, flooded: above(left, recounted) };
}

async function count(tx: Tx, counts: readonly { key: string; points: number }[], now: Date) {
  if (counts.length === 0) return [];
  return await countTowards(tx, counts, new Date(now.getTime() + LIMIT_WINDOW_MS), now);
}

/** Thousands at once are not all readers, and not all not: a person looks at those above the usual. */
function rowOf(request: Attempt['request'], flood: boolean, now: Date): RecordedRequest {
  const id = uuidv7(now);
  return flood ? { ...request, id, held: true, reasons: [...request.reasons, 'flood'] } : { ...request, id };
}

function summed(refused: readonly SignUpCount[], judged: readonly Judged[]): SignUpCount[] {
  const sums = new Map<string, SignUpCount>();
  for (const count of [...refused, ...judged.map(countOf)]) addCount(sums, count);
  return [...sums.values()];
}

function countOf(judged: Judged): SignUpCount {
  if ('until' in judged) return { publicationId: judged.publicationId, outcome: 'too-many', count: 1 };
  const { publicationId, held } = judged.row;
  return { publicationId, outcome: held ? 'held' : 'recorded', count: 1 };
}

/** Adds to the count of its publication and outcome. */
export function addCount(
  sums: Map<string, SignUpCount>,
  { publicationId, outcome, count }: SignUpCount,
): void {
  const key = `${publicationId} ${outcome}`;
  sums.set(key, { publicationId, outcome, count: count + (sums.get(key)?.count ?? 0) });
}

function spanOf(at: Date): Date {
  return new Date(Math.floor(at.getTime() / COUNT_SPAN_MS) * COUNT_SPAN_MS);
}

function secondsTo(until: Date, now: Date): number {
  return Math.max(1, Math.ceil((until.getTime() - now.getTime()) / 1000));
}
