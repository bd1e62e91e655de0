import type { Tx } from '../../platform/db/database.js';
import { findPublication } from '../../publications/reads.js';
import type { Cadence } from '../../publications/publication.js';
import { countConfirmedByCadence } from '../../subscribers/due/reads.js';
import { insertOpenedDigest, extendLifetime, transferApproval } from '../transition-writes.js';
import { DIGEST_LIFETIME_MS, type DigestState } from '../digest.js';
import { digestHoldReason } from './hold-rules.js';
import { findDigestState, findLastReaderCount } from '../reads.js';
import { startSending } from '../writes.js';

/** Whether readers may be planned for a digest of their rhythm. Held: they stay as they are. Cancelled: they had it. */
export type PlanningStatus = 'open' | 'held' | 'cancelled';

type RequestedDigest = {
  publicationId: string;
  cadence: Cadence;
  period: string;
  closesAt: Date | null;
  keyId: string;
};

/**
 * Asked before readers join a digest. The first to ask makes it, and it is held when something about it is unusual: then
 * nobody is planned and no watermark moves until an operator approves or cancels it. One that is made is not locked: any
 * number of planners ask at once, and whoever joins looks at its state again in the end.
 */
export async function openDigest(tx: Tx, wanted: RequestedDigest, now: Date): Promise<PlanningStatus> {
  const known = await findDigestState(tx, wanted);
  if (known === undefined) await insertDigestForPeriod(tx, wanted, now);
  const digest = known ?? (await findDigestState(tx, wanted));
  if (digest === undefined) throw new Error('The digest of a period was made and is not there');
  if (digest.state === 'approved') await startApprovedDigest(tx, digest.id, now);
  return planningStatusOf(digest.state);
}

/** An approval that nobody has used covers this one: its period passed while it waited. */
async function insertDigestForPeriod(tx: Tx, wanted: RequestedDigest, now: Date): Promise<void> {
  const { publicationId, cadence, closesAt } = wanted;
  const readers = await countConfirmedByCadence(tx, publicationId, cadence);
  const isApproved = (await transferApproval(tx, wanted)) !== undefined;
  const reason = isApproved ? null : await findHoldReason(tx, wanted, readers);
  const state = reason === null ? ('sending' as const) : ('held' as const);
  const expiresAt = new Date(Math.max(closesAt?.getTime() ?? 0, now.getTime()) + DIGEST_LIFETIME_MS);
  await insertOpenedDigest(tx, { ...wanted, state, reason, expiresAt, readers }, now);
}

async function findHoldReason(
  tx: Tx,
  { publicationId, cadence }: RequestedDigest,
  readers: number,
): Promise<string | null> {
  const publication = await findPublication(tx, publicationId);
  if (publication === undefined) return null;
  const before = await findLastReaderCount(tx, { publicationId, cadence });
  return digestHoldReason(publication, readers, before) ?? null;
}

/** An approved digest gets its first readers, and has as long to live as one that was never held. */
async function startApprovedDigest(tx: Tx, id: string, now: Date): Promise<void> {
  await startSending(tx, id);
  await extendLifetime(tx, id, new Date(now.getTime() + DIGEST_LIFETIME_MS));
}

function planningStatusOf(state: DigestState): PlanningStatus {
  switch (state) {
    case 'draft':
    case 'held':
      return 'held';
    case 'cancelled':
      return 'cancelled';
    case 'approved':
    case 'sending':
    case 'paused':
    case 'closed':
      return 'open';
  }
}
