import { findDigest } from '../../digests/reads.js';
import type { Context } from '../../platform/context.js';
import { queuedResult, skippedResult, type AttemptResult } from '../attempt-result.js';
import type { Chunk } from './chunk.js';
import { checkEligibility, type Eligibility } from './eligibility.js';
import { isStopped } from './stop-when-paused.js';

/** What becomes of deliveries that were claimed and must not be sent after all, by subscription. */
export type UnsentResults = Map<string, AttemptResult>;

/** A reader may leave, and an operator may pause the digest, while a slow server makes the other mails wait. */
const MAX_CHECK_AGE_MS = 1000;

/**
 * For one chunk: undefined while its last check is young enough, else a promise of the next. It is made once for all
 * deliveries that have not begun; whoever asks meanwhile waits for the same one.
 */
export function createRecheck(
  context: Pick<Context, 'db' | 'now' | 'hashAddress' | 'clock'>,
  chunk: Chunk,
  unsent: UnsentResults,
): () => Promise<void> | undefined {
  let checkedAt = chunk.checkedAt;
  let pending: Promise<void> | undefined;
  const recheck = async () => {
    try {
      await recheckEligibility(context, chunk, unsent);
      checkedAt = context.now();
    } finally {
      pending = undefined;
    }
  };
  return () => {
    const isFresh = context.now().getTime() - checkedAt.getTime() < MAX_CHECK_AGE_MS;
    return isFresh ? undefined : (pending ??= recheck());
  };
}

async function recheckEligibility(
  context: Pick<Context, 'db' | 'now' | 'hashAddress' | 'clock'>,
  chunk: Chunk,
  unsent: UnsentResults,
): Promise<void> {
  const digest = await findDigest(context.db, chunk.digest.id);
  const ids = chunk.claimed.map(({ subscriptionId }) => subscriptionId);
  const eligibilityOf = await checkEligibility(context.db, context, chunk, ids);
  for (const { subscriptionId: id, reader } of chunk.claimed) {
    const eligibility = eligibilityOf(id);
    // The next claim skips a reader who has paused: it also lowers the watermark of one who asked for a catch-up.
    if (isStopped(digest) || isReaderPaused(eligibility)) unsent.set(id, queuedResult());
    else if (eligibility.kind === 'skip') unsent.set(id, skippedResult(eligibility.reason));
    else if (eligibility.reader.emailKey !== reader.emailKey)
      unsent.set(id, skippedResult('address-changed'));
  }
}

function isReaderPaused(eligibility: Eligibility): boolean {
  return eligibility.kind === 'skip' && eligibility.reason === 'paused';
}
