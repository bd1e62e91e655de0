import type { Context } from '../../platform/context.js';
import type { Tx } from '../../platform/db/database.js';
import { enqueueAll } from '../../platform/jobs/outbox.js';
import { uuidv7 } from '../../platform/uuid.js';
import { insertRequests, type NewSignUpRequest, type SignUpRequestRow } from '../request-writes.js';

/** So many requests does one job answer, one after the other. */
const BATCH_SIZE = 100;

/**
 * Starts double opt-in for one request, past the limits: for a mail that was asked for before and is to be sent again.
 * Every address costs the same and gets the same answer; the job decides by its state.
 * @param request what the visitor typed; `email` is a parsed address
 * @returns the request's id, which seals the "check your inbox" page
 */
export async function recordTrustedRequest(
  { db, now }: Pick<Context, 'db' | 'now'>,
  request: NewSignUpRequest,
): Promise<{ id: string }> {
  const id = uuidv7(now());
  const { publicationId, email, locale, timezone, cadence, topics, source } = request;
  const typed = { publicationId, email, locale, timezone, cadence, topics, source };
  const row = { ...typed, id, risk: 0, reasons: [], held: false, ip: null, agent: null };
  await db.transaction((tx) => recordRequests(tx, [row], now()));
  return { id };
}

/** Records requests, and promises the answer to those that are not held. */
export async function recordRequests(
  tx: Tx,
  requests: readonly SignUpRequestRow[],
  now: Date,
): Promise<void> {
  await insertRequests(tx, requests, now);
  await enqueueDecisions(
    tx,
    requests.filter(({ held }) => !held).map(({ id }) => id),
    now,
  );
}

/** Promises that these requests are answered. */
export async function enqueueDecisions(tx: Tx, ids: readonly string[], now: Date): Promise<void> {
  if (ids.length === 0) return;
  const parts = Array.from({ length: Math.ceil(ids.length / BATCH_SIZE) }, (_, part) => ({
    requestIds: ids.slice(part * BATCH_SIZE, (part + 1) * BATCH_SIZE),
  }));
  await enqueueAll(tx, 'answer-sign-ups', parts, now);
}
