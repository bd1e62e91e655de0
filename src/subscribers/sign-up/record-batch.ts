import type { Context } from '../../platform/context.js';
import type { Tx } from '../../platform/db/database.js';
import { uuidv7 } from '../../platform/uuid.js';
import { COUNT_INTERVAL_MS } from '../attack/attack.js';
import {
  LIMIT_WINDOW_MS,
  countByKey,
  exceededLimits,
  floodLimits,
  type FormLimit,
  type LimitCount,
} from './limits.js';
import { recordRequests } from './record-requests.js';
import type { FormCount, SignUpRequestRow } from './request.js';
import { addFormCounts, addToLimits } from './writes.js';

/** A form that was checked and assessed, and the limits of the networks it came from. */
export type AssessedForm = { request: Omit<SignUpRequestRow, 'id'>; networks: readonly FormLimit[] };

/** `held`: it waits for an operator, and no mail is sent before. `seconds`: how long until the limit resets. */
export type RecordResult =
  | { kind: 'recorded'; id: string; held: boolean }
  | { kind: 'too-many'; seconds: number };

/** A row to insert, or when the limit that it exceeds resets. */
type LimitDecision = { row: SignUpRequestRow } | { resetsAt: Date; publicationId: string };

/**
 * Records a batch of forms in one transaction of four statements: limits, requests, jobs, and counts. All are recorded, or
 * none.
 * @param refusals counts of forms that were sent back before, to be written with the batch's own
 */
export async function recordBatch(
  { db, now }: Pick<Context, 'db' | 'now'>,
  forms: readonly AssessedForm[],
  refusals: readonly FormCount[],
): Promise<RecordResult[]> {
  const at = now();
  const decisions = await db.transaction(async (tx) => {
    const decided = await applyLimits(tx, forms, at);
    const rows = decided.flatMap((one) => ('row' in one ? [one.row] : []));
    if (rows.length > 0) await recordRequests(tx, rows, at);
    await addFormCounts(tx, sumCounts([...refusals, ...decided.map(toCount)]), startOfInterval(at));
    return decided;
  });
  return decisions.map((one) =>
    'row' in one
      ? { kind: 'recorded', id: one.row.id, held: one.row.held }
      : { kind: 'too-many', seconds: secondsUntil(one.resetsAt, at) },
  );
}

async function applyLimits(tx: Tx, forms: readonly AssessedForm[], now: Date): Promise<LimitDecision[]> {
  const { networkResets, floodResets } = await countTowardsLimits(tx, forms, now);
  return forms.map(({ request }, at) => {
    const resetsAt = networkResets[at];
    return resetsAt === undefined
      ? { row: toRow(request, floodResets[at] !== undefined, now) }
      : { resetsAt, publicationId: request.publicationId };
  });
}

/**
 * For each form, when the exceeded limit of its network resets, and of its publication or the service. A form that its
 * network's limit refuses is taken off the other limits again: one network must not use up what all share.
 */
async function countTowardsLimits(tx: Tx, forms: readonly AssessedForm[], now: Date) {
  const networks = forms.map((form) => form.networks);
  const floods = forms.map(({ request }) => floodLimits(request.publicationId));
  const counted = await addPoints(tx, countByKey([...networks, ...floods].flat()), now);
  const networkResets = exceededLimits(networks, counted);
  const refused = countByKey(floods.filter((_, at) => networkResets[at] !== undefined).flat());
  const takenOff = refused.map(({ key, points }) => ({ key, points: -points }));
  const recounted = [...counted, ...(await addPoints(tx, takenOff, now))];
  const remaining = floods.map((limits, at) => (networkResets[at] === undefined ? limits : []));
  return { networkResets, floodResets: exceededLimits(remaining, recounted) };
}

async function addPoints(
  tx: Tx,
  counts: readonly { key: string; points: number }[],
  now: Date,
): Promise<LimitCount[]> {
  if (counts.length === 0) return [];
  return await addToLimits(tx, counts, new Date(now.getTime() + LIMIT_WINDOW_MS), now);
}

/** A form beyond a flood limit is held, whatever its risk. */
function toRow(request: AssessedForm['request'], isFlood: boolean, now: Date): SignUpRequestRow {
  const id = uuidv7(now);
  return isFlood
    ? { ...request, id, held: true, reasons: [...request.reasons, 'flood'] }
    : { ...request, id };
}

function toCount(decision: LimitDecision): FormCount {
  if ('resetsAt' in decision) return { publicationId: decision.publicationId, outcome: 'too-many', count: 1 };
  const { publicationId, held } = decision.row;
  return { publicationId, outcome: held ? 'held' : 'recorded', count: 1 };
}

function sumCounts(counts: readonly FormCount[]): FormCount[] {
  const sums = new Map<string, FormCount>();
  for (const count of counts) addCount(sums, count);
  return [...sums.values()];
}

/** Adds to the count of its publication and outcome. */
export function addCount(sums: Map<string, FormCount>, { publicationId, outcome, count }: FormCount): void {
  const key = `${publicationId} ${outcome}`;
  sums.set(key, { publicationId, outcome, count: count + (sums.get(key)?.count ?? 0) });
}

function startOfInterval(at: Date): Date {
  return new Date(Math.floor(at.getTime() / COUNT_INTERVAL_MS) * COUNT_INTERVAL_MS);
}

function secondsUntil(resetsAt: Date, now: Date): number {
  return Math.max(1, Math.ceil((resetsAt.getTime() - now.getTime()) / 1000));
}
