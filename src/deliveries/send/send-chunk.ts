import { domainOf } from '../../platform/mail/address.js';
import type { Outcome } from '../../platform/mail/classify/outcome.js';
import type { Message, SendRequest } from '../../platform/mail/message.js';
import { findDigest } from '../../digests/reads.js';
import type { BatchJournal } from '../batches/journal.js';
import type { Chunk, ClaimedDelivery } from './claim-chunk.js';
import { composeDigest } from './compose-digest.js';
import { toAttemptResult, queuedResult, skippedResult, type AttemptResult } from '../delivery.js';
import type { Lease } from '../batches/lease.js';
import type { ResultBuffer } from './result-buffer.js';
import type { WorkerContext } from './worker-context.js';
import { mapConcurrently } from './map-concurrently.js';
import { checkEligibility, type Eligibility } from './eligibility.js';
import type { Route } from './server-router.js';

type BatchRun = { sending: WorkerContext; lease: Lease; journal: BatchJournal; recorder: ResultBuffer };

/** Hands a chunk's deliveries to their mail server and answers how each ended. All have ended when it returns. */
export async function sendChunk(run: BatchRun, way: Route, chunk: Chunk): Promise<AttemptResult[]> {
  const watched: ChunkRun = { ...run, way, chunk, unsentResults: new Map() };
  const width = run.sending.config.workerConnections * MESSAGES_PER_CONNECTION;
  return mapConcurrently(chunk.claimed, width, (row) => sendOne(watched, row));
}

/** Enough that no connection waits for us, and few enough that they are young when they are done. */
const MESSAGES_PER_CONNECTION = 3;

type ChunkRun = BatchRun & {
  way: Route;
  chunk: Chunk;
  /** Why a delivery that had been claimed was not sent after all. */
  unsentResults: Map<string, AttemptResult>;
  pendingRecheck?: Promise<void>;
};

async function sendOne(watched: ChunkRun, row: ClaimedDelivery): Promise<AttemptResult> {
  const { way, recorder, unsentResults } = watched;
  const outcome = await way.send(domainOf(row.reader.email), sendRequestFor(watched, row));
  // Only what was withdrawn was not sent: others that were looked at again may have been on the wire by then.
  const reason = outcome.kind === 'withdrawn' ? unsentResults.get(row.subscriptionId) : undefined;
  const ending = reason ?? resultFor(watched, row, outcome);
  recorder.add(row, ending);
  if (ending.state !== 'accepted') logResult(watched, row, ending);
  return ending;
}

function resultFor(
  { sending: { now }, chunk }: ChunkRun,
  row: ClaimedDelivery,
  outcome: Outcome,
): AttemptResult {
  const { expiresAt } = chunk.digest;
  return toAttemptResult(outcome, { deferrals: row.deferrals, expiresAt }, now(), Math.random());
}

function logResult({ sending: { log }, chunk }: ChunkRun, row: ClaimedDelivery, ending: AttemptResult): void {
  const { subscriptionId, attempt } = row;
  log.info({ event: `delivery.${ending.state}`, digestId: chunk.digest.id, subscriptionId, attempt });
}

/** What the connection asks: first for the mail, when it is free, then for leave to send the final dot. */
function sendRequestFor(watched: ChunkRun, row: ClaimedDelivery): SendRequest {
  const { lease, journal } = watched;
  return {
    message: () =>
      isRecentlyChecked(watched)
        ? composeOrSkip(watched, row)
        : recheckOnce(watched).then(() => composeOrSkip(watched, row)),
    beforeFinalDot: () => lease.isLive() && journal.recordIntent(row),
  };
}

/** She may leave, and an operator may stop the digest, while a slow server makes the others wait. */
const MAX_CHECK_AGE_MS = 1000;

function isRecentlyChecked({ sending: { now }, chunk }: ChunkRun): boolean {
  return now().getTime() - chunk.checkedAt.getTime() < MAX_CHECK_AGE_MS;
}

function composeOrSkip(watched: ChunkRun, row: ClaimedDelivery): Message | undefined {
  const { sending, lease, way, chunk, unsentResults } = watched;
  if (unsentResults.has(row.subscriptionId) || sending.stopping.aborted || !lease.isLive()) return undefined;
  const left = way.admit(domainOf(row.reader.email));
  if (left !== undefined) {
    unsentResults.set(row.subscriptionId, queuedResult(left.until, left.why));
    return undefined;
  }
  try {
    return buildMessage(watched, row);
  } catch (error) {
    // A fault of ours in one mail; the others must not wait for it.
    sending.log.error({ event: 'delivery.not-composed', digestId: chunk.digest.id, err: error });
    unsentResults.set(row.subscriptionId, skippedResult('could not be composed'));
    return undefined;
  }
}

function buildMessage({ sending, chunk }: ChunkRun, { variantId, reader }: ClaimedDelivery): Message {
  const { publication, digest, templates, sign } = chunk;
  const template = templates.get(variantId);
  if (template === undefined) throw new Error(`Variant ${variantId} was not opened`);
  return {
    envelope: { from: publication.fromAddress, to: reader.email },
    content: composeDigest(sending, { publication, digest, template, reader }, sign),
  };
}

/** Once for all that have not begun; whoever asks meanwhile waits for the same look. */
function recheckOnce(watched: ChunkRun): Promise<void> {
  watched.pendingRecheck ??= recheckEligibility(watched).finally(() => delete watched.pendingRecheck);
  return watched.pendingRecheck;
}

async function recheckEligibility(watched: ChunkRun): Promise<void> {
  const { sending, chunk, unsentResults } = watched;
  const digest = await findDigest(sending.db, chunk.digest.id);
  const ids = chunk.claimed.map(({ subscriptionId }) => subscriptionId);
  const verdictOf = await checkEligibility(sending.db, sending, chunk, ids);
  for (const { subscriptionId: id, reader } of chunk.claimed) {
    const verdict = verdictOf(id);
    // Who pauses is let go where her mail is kept for her catch-up: at the next claim.
    if (digest?.state !== 'sending' || isPaused(verdict)) unsentResults.set(id, queuedResult());
    else if (verdict.kind === 'unwanted') unsentResults.set(id, skippedResult(verdict.reason));
    else if (verdict.reader.emailKey !== reader.emailKey)
      unsentResults.set(id, skippedResult('address changed'));
  }
  chunk.checkedAt = sending.now();
}

function isPaused(verdict: Eligibility): boolean {
  return verdict.kind === 'unwanted' && verdict.reason === 'paused';
}
