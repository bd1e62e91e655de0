import type { Context } from '../../platform/context.js';
import type { Tx } from '../../platform/db/database.js';
import { enqueueAll } from '../../platform/jobs/outbox.js';
import { uuidv7 } from '../../platform/uuid.js';
import type { NewSignUpRequest, SignUpRequestRow } from './request.js';
import { insertRequests } from './writes.js';

/** How many requests one job decides, one after the other. */
const REQUESTS_PER_JOB = 100;

/**
 * Starts double opt-in for a request that no form assessed: from a program with a write token, or for a mail that is sent
 * again. It applies no limits and assesses no risk, which its callers do by their own rules; the mail cap holds all the same.
 * @param resendOf the form whose mail is sent again
 * @returns the request's id, which the ticket of the "check your inbox" page names
 */
export function recordTrustedRequest(
  { db, now }: Pick<Context, 'db' | 'now'>,
  request: NewSignUpRequest,
  resendOf: string | null = null,
): Promise<{ id: string }> {
  return db.transaction((tx) => insertTrustedRequest(tx, request, resendOf, now()));
}

/** As `recordTrustedRequest`, in the caller's transaction. */
export async function insertTrustedRequest(
  tx: Tx,
  { publicationId, email, locale, timezone, cadence, topics, source }: NewSignUpRequest,
  resendOf: string | null,
  now: Date,
): Promise<{ id: string }> {
  const id = uuidv7(now);
  const fields = { publicationId, email, locale, timezone, cadence, topics, source };
  const row = { ...fields, id, risk: 0, reasons: [], held: false, ip: null, agent: null, resendOf };
  await recordRequests(tx, [row], now);
  return { id };
}

/** Records requests, and enqueues a job for those that are not held. */
export async function recordRequests(
  tx: Tx,
  requests: readonly SignUpRequestRow[],
  now: Date,
): Promise<void> {
  await insertRequests(tx, requests, now);
  const undecided = requests.filter(({ held }) => !held);
  await enqueueDecisions(
    tx,
    undecided.map(({ id }) => id),
    now,
  );
}

/** Enqueues jobs that decide which mail each of these requests leads to. */
export async function enqueueDecisions(tx: Tx, ids: readonly string[], now: Date): Promise<void> {
  if (ids.length === 0) return;
  const payloads = Array.from({ length: Math.ceil(ids.length / REQUESTS_PER_JOB) }, (_, job) => ({
    requestIds: ids.slice(job * REQUESTS_PER_JOB, (job + 1) * REQUESTS_PER_JOB),
  }));
  await enqueueAll(tx, 'answer-sign-ups', payloads, now);
}
