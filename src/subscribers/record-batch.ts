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
 * Records a batch in one transaction of five statements: one counts networks, one floods, and then come the requests, the
 * promise to answer them, and the counts, those of forms that were refused before among them. All are recorded, or none.
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

/** What a network sends beyond its limit is refused and counts for nobody else. */
async function judge(tx: Tx, attempts: readonly Attempt[], now: Date): Promise<Judged[]> {
  const networks = attempts.map((attempt) => attempt.networks);
  const tooMany = await exceeding(tx, networks, now);
  const floodable = attempts.map(({ request }, at) =>
    tooMany[at] === undefined ? floodLimits(request.publicationId) : [],
  );
  const floods = await exceeding(tx, floodable, now);
  return attempts.map(({ request }, at) => {
    const until = tooMany[at];
    return until === undefined
      ? { row: rowOf(request, floods[at] !== undefined, now) }
      : { until, publicationId: request.publicationId };
  });
}

/** Until when each is above a limit of its own; undefined when it is not. */
async function exceeding(
  tx: Tx,
  limits: readonly (readonly Limit[])[],
  now: Date,
): Promise<(Date | undefined)[]> {
  const counts = tally(limits.flat());
  if (counts.length === 0) return limits.map(() => undefined);
  const until = new Date(now.getTime() + LIMIT_WINDOW_MS);
  return above(limits, await countTowards(tx, counts, until, now));
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
