import pMap, { pMapSkip } from 'p-map';
import { domainOf } from '../../platform/mail/address.js';
import type { IsolatedRun } from '../../platform/jobs/isolated-run.js';
import type { Outcome } from '../../platform/mail/classify/outcome.js';
import type { Message, SendRequest } from '../../platform/mail/message.js';
import type { MessageTemplate } from '../../platform/mail/mime/message-template.js';
import {
  NEVER,
  queuedResult,
  skippedResult,
  toAttemptResult,
  type AttemptResult,
} from '../attempt-result.js';
import { returnPathFor } from '../return-path.js';
import type { BatchJournal } from '../batches/journal.js';
import type { Lease } from '../batches/lease.js';
import type { Chunk, ClaimedDelivery } from './chunk.js';
import { composeDigest } from './compose-digest.js';
import { mayFinalDotGo } from './final-dot-gate.js';
import { createRecheck, type UnsentResults } from './recheck-eligibility.js';
import { recordFaults } from './record-faults.js';
import type { ResultBuffer } from './result-buffer.js';
import type { Route } from './route.js';
import type { WorkerContext } from './worker-context.js';

type BatchRun = {
  context: WorkerContext;
  lease: Lease;
  journal: BatchJournal;
  results: ResultBuffer;
  composeRun: IsolatedRun;
};

type ChunkRun = BatchRun & {
  route: Route;
  chunk: Chunk;
  unsent: UnsentResults;
  /** Why a mail could not be composed, by subscription. */
  faults: Map<string, unknown>;
  recheck: ReturnType<typeof createRecheck>;
};

/** Enough that no connection waits for us, and few enough that they are young when they are done. */
const MESSAGES_PER_CONNECTION = 3;

/**
 * Hands a chunk's deliveries to their mail server and returns how each ended. When one fails no more are begun, and the
 * error is thrown only when all that were begun have ended: the caller lets go of the journal then.
 */
export async function sendChunk(batchRun: BatchRun, route: Route, chunk: Chunk): Promise<AttemptResult[]> {
  const unsent: UnsentResults = new Map();
  const recheck = createRecheck(batchRun.context, chunk, unsent);
  const run: ChunkRun = { ...batchRun, route, chunk, unsent, faults: new Map(), recheck };
  const failures: unknown[] = [];
  const results = await pMap<ClaimedDelivery, AttemptResult>(
    chunk.claimed,
    async (row) => {
      if (failures.length > 0) return pMapSkip;
      try {
        return await sendOne(run, row);
      } catch (error) {
        failures.push(error);
        return pMapSkip;
      }
    },
    { concurrency: run.context.config.workerConnections * MESSAGES_PER_CONNECTION },
  );
  if (failures.length > 0) throw failures[0];
  await recordFaults(run.composeRun, chunk, run.faults);
  return results;
}

async function sendOne(run: ChunkRun, row: ClaimedDelivery): Promise<AttemptResult> {
  const { route, results, unsent } = run;
  const domain = domainOf(row.reader.email);
  const outcome = await route.send(domain, sendRequestFor(run, row));
  // Only what was withdrawn was not sent: others that were checked again may have been on the wire by then.
  const unsentResult = outcome.kind === 'withdrawn' ? unsent.get(row.subscriptionId) : undefined;
  const result = unsentResult ?? resultFor(run, row, domain, outcome);
  results.add(row, result, domain);
  if (result.state !== 'accepted') logResult(run, row, result);
  return result;
}

function resultFor(
  { context: { now, clock }, chunk }: ChunkRun,
  { deferrals }: ClaimedDelivery,
  domain: string,
  outcome: Outcome,
): AttemptResult {
  // By a wrong clock nothing is given up.
  const expiresAt = clock.isTrusted() ? chunk.digest.expiresAt : NEVER;
  return toAttemptResult(outcome, { deferrals, expiresAt, domain }, now(), Math.random());
}

function logResult({ context: { log }, chunk }: ChunkRun, row: ClaimedDelivery, result: AttemptResult): void {
  const { subscriptionId, attempt } = row;
  log.info({ event: `delivery.${result.state}`, digestId: chunk.digest.id, subscriptionId, attempt });
}

/** What the connection asks: for the mail when it is free, and then whether the final dot may go. */
function sendRequestFor(run: ChunkRun, row: ClaimedDelivery): SendRequest {
  return {
    message: () => {
      const rechecked = run.recheck();
      return rechecked === undefined
        ? composeOrSkip(run, row)
        : rechecked.then(() => composeOrSkip(run, row));
    },
    beforeFinalDot: () => mayFinalDotGo(run.lease, run.journal, row),
  };
}

/** Undefined: it is not sent now. */
function composeOrSkip(run: ChunkRun, row: ClaimedDelivery): Message | undefined {
  const { context, lease, route, chunk, unsent, faults } = run;
  if (unsent.has(row.subscriptionId) || context.stopping.aborted || !lease.isLive()) return undefined;
  const blocked = route.admit(domainOf(row.reader.email));
  if (blocked !== undefined) {
    unsent.set(row.subscriptionId, queuedResult(blocked.until, blocked.reason));
    return undefined;
  }
  const template = chunk.templates.get(row.variantId);
  try {
    if (template !== undefined) return buildMessage(run, row, template);
  } catch (error) {
    faults.set(row.subscriptionId, error);
  }
  // What is wrong with one mail, or one variant, must not keep the others waiting.
  unsent.set(row.subscriptionId, skippedResult('not-composed'));
  return undefined;
}

function buildMessage(
  { context, lease, chunk }: ChunkRun,
  { reader, attempt }: ClaimedDelivery,
  template: MessageTemplate,
): Message {
  const { publication, digest, sign } = chunk;
  const claims = {
    kind: 'delivery',
    batch: lease.batch.number,
    subscription: reader.number,
    attempt,
  } as const;
  return {
    envelope: { from: returnPathFor(context, claims, publication.fromAddress), to: reader.email },
    content: composeDigest(context, { publication, digest, template, reader }, sign),
  };
}
