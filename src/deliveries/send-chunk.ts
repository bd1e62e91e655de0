import { domainOf } from '../platform/mail/address.js';
import type { Outcome } from '../platform/mail/outcome.js';
import type { Message, Posting } from '../platform/mail/message.js';
import { findDigest } from '../digests/reads.js';
import type { BatchJournal } from './batch-journal.js';
import type { Chunk, Claimed } from './claim-chunk.js';
import { composeDigest } from './compose-digest.js';
import { endingOf, queued, skipped, type Ending } from './delivery.js';
import type { Lease } from './lease.js';
import type { Recorder } from './recorder.js';
import type { Sending } from './sending.js';
import { sideBySide } from './side-by-side.js';
import { judge, type Verdict } from './verdicts.js';
import type { Way } from './ways.js';

type Run = { sending: Sending; lease: Lease; journal: BatchJournal; recorder: Recorder };

/** Hands a chunk's deliveries to their mail server and answers how each ended. All have ended when it returns. */
export async function sendChunk(run: Run, way: Way, chunk: Chunk): Promise<Ending[]> {
  const watched: Watched = { ...run, way, chunk, unsent: new Map() };
  const width = run.sending.config.workerConnections * WAITING_PER_CONNECTION;
  return sideBySide(chunk.claimed, width, (row) => sendOne(watched, row));
}

/** Enough that no connection waits for us, and few enough that they are young when they are done. */
const WAITING_PER_CONNECTION = 3;

type Watched = Run & {
  way: Way;
  chunk: Chunk;
  /** Why a delivery that had been claimed was not sent after all. */
  unsent: Map<string, Ending>;
  looking?: Promise<void>;
};

async function sendOne(watched: Watched, row: Claimed): Promise<Ending> {
  const { way, recorder, unsent } = watched;
  const outcome = await way.send(domainOf(row.reader.email), postingOf(watched, row));
  // Only what was withdrawn was not sent: others that were looked at again may have been on the wire by then.
  const reason = outcome.kind === 'withdrawn' ? unsent.get(row.subscriptionId) : undefined;
  const ending = reason ?? endingAfter(watched, row, outcome);
  recorder.record(row, ending);
  if (ending.state !== 'accepted') tellOf(watched, row, ending);
  return ending;
}

function endingAfter({ sending: { now }, chunk }: Watched, row: Claimed, outcome: Outcome): Ending {
  const { expiresAt } = chunk.digest;
  return endingOf(outcome, { deferrals: row.deferrals, expiresAt }, now(), Math.random());
}

function tellOf({ sending: { log }, chunk }: Watched, row: Claimed, ending: Ending): void {
  const { subscriptionId, attempt } = row;
  log.info({ event: `delivery.${ending.state}`, digestId: chunk.digest.id, subscriptionId, attempt });
}

/** What the connection asks: first for the mail, when it is free, then for leave to send the final dot. */
function postingOf(watched: Watched, row: Claimed): Posting {
  const { lease, journal } = watched;
  return {
    message: () =>
      isFresh(watched) ? compose(watched, row) : lookAgain(watched).then(() => compose(watched, row)),
    beforeDot: () => lease.isLive() && journal.intend(row),
  };
}

/** She may leave, and an operator may stop the digest, while a slow server makes the others wait. */
const FRESH_MS = 1000;

function isFresh({ sending: { now }, chunk }: Watched): boolean {
  return now().getTime() - chunk.checkedAt.getTime() < FRESH_MS;
}

function compose(watched: Watched, row: Claimed): Message | undefined {
  const { sending, lease, way, chunk, unsent } = watched;
  if (unsent.has(row.subscriptionId) || sending.stopping.aborted || !lease.isLive()) return undefined;
  const left = way.admit(domainOf(row.reader.email));
  if (left !== undefined) {
    unsent.set(row.subscriptionId, queued(left.until, left.why));
    return undefined;
  }
  try {
    return messageFor(watched, row);
  } catch (error) {
    // A fault of ours in one mail; the others must not wait for it.
    sending.log.error({ event: 'delivery.not-composed', digestId: chunk.digest.id, err: error });
    unsent.set(row.subscriptionId, skipped('could not be composed'));
    return undefined;
  }
}

function messageFor({ sending, chunk }: Watched, { variantId, reader }: Claimed): Message {
  const { publication, digest, templates, sign } = chunk;
  const template = templates.get(variantId);
  if (template === undefined) throw new Error(`Variant ${variantId} was not opened`);
  return {
    envelope: { from: publication.fromAddress, to: reader.email },
    content: composeDigest(sending, { publication, digest, template, reader }, sign),
  };
}

/** Once for all that have not begun; whoever asks meanwhile waits for the same look. */
function lookAgain(watched: Watched): Promise<void> {
  watched.looking ??= look(watched).finally(() => delete watched.looking);
  return watched.looking;
}

async function look(watched: Watched): Promise<void> {
  const { sending, chunk, unsent } = watched;
  const digest = await findDigest(sending.db, chunk.digest.id);
  const ids = chunk.claimed.map(({ subscriptionId }) => subscriptionId);
  const verdictOf = await judge(sending.db, sending, chunk, ids);
  for (const { subscriptionId: id, reader } of chunk.claimed) {
    const verdict = verdictOf(id);
    // Who pauses is let go where her mail is kept for her catch-up: at the next claim.
    if (digest?.state !== 'sending' || isPaused(verdict)) unsent.set(id, queued());
    else if (verdict.kind === 'unwanted') unsent.set(id, skipped(verdict.reason));
    else if (verdict.reader.emailKey !== reader.emailKey) unsent.set(id, skipped('address changed'));
  }
  chunk.checkedAt = sending.now();
}

function isPaused(verdict: Verdict): boolean {
  return verdict.kind === 'unwanted' && verdict.reason === 'paused';
}
