import type { IsolatedRun } from '../../platform/jobs/isolated-run.js';
import { subscriptionIdsOf } from '../delivery.js';
import type { Chunk } from './chunk.js';

/** More mails of a chunk, and more than went out of it, are no fault of their readers: the digest is named for them. */
const MAX_NAMED_READERS = 20;

/**
 * Records which mails of a chunk could not be composed: they stay skipped until an operator has the digest tried again.
 * @param faults why, by subscription
 */
export async function recordFaults(
  composeRun: IsolatedRun,
  chunk: Chunk,
  faults: ReadonlyMap<string, unknown>,
): Promise<void> {
  const { claimed, digest, templateFaults } = chunk;
  const { id: publicationId } = chunk.publication;
  const composed = claimed.filter(
    ({ subscriptionId: id, variantId }) => !faults.has(id) && !templateFaults.has(variantId),
  );
  const isDigestAtFault = faults.size > MAX_NAMED_READERS && faults.size > composed.length;
  const digestFaults = [...templateFaults.values(), ...(isDigestAtFault ? faults.values() : [])];
  const row = { publicationId, retries: false };
  if (digestFaults.length > 0)
    await composeRun.fail({ kind: 'digest', rowId: digest.id, ...row }, digestFaults[0]);
  else if (composed.length > 0) await composeRun.succeed([digest.id]);
  if (!isDigestAtFault)
    for (const [rowId, error] of faults)
      await composeRun.fail({ kind: 'subscription', rowId, ...row }, error);
  await composeRun.succeed(subscriptionIdsOf(composed));
}
