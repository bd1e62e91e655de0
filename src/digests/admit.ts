import type { Tx } from '../platform/db/database.js';
import { findPublication } from '../publications/reads.js';
import type { Cadence } from '../publications/publication.js';
import { countOfCadence } from '../subscribers/due-reads.js';
import { beginDigest, extendLifetime, passApprovalOn } from './control-writes.js';
import { LIFETIME_MS, type DigestState } from './digest.js';
import { whyHold } from './guards.js';
import { findDigestState, readersOfLast } from './reads.js';
import { startSending } from './writes.js';

/** Whether readers may be planned for a digest of their rhythm. Held: they stay as they are. Cancelled: they had it. */
export type Admission = 'open' | 'held' | 'cancelled';

type Wanted = {
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
export async function admitReaders(tx: Tx, wanted: Wanted, now: Date): Promise<Admission> {
  const known = await findDigestState(tx, wanted);
  if (known === undefined) await makeDigest(tx, wanted, now);
  const digest = known ?? (await findDigestState(tx, wanted));
  if (digest === undefined) throw new Error('The digest of a period was made and is not there');
  if (digest.state === 'approved') await begin(tx, digest.id, now);
  return admissionIn(digest.state);
}

/** An approval that nobody has used covers this one: its period passed while it waited. */
async function makeDigest(tx: Tx, wanted: Wanted, now: Date): Promise<void> {
  const { publicationId, cadence, closesAt } = wanted;
  const readers = await countOfCadence(tx, publicationId, cadence);
  const isApproved = (await passApprovalOn(tx, wanted)) !== undefined;
  const reason = isApproved ? null : await reasonToHold(tx, wanted, readers);
  const state = reason === null ? ('sending' as const) : ('held' as const);
  const expiresAt = new Date(Math.max(closesAt?.getTime() ?? 0, now.getTime()) + LIFETIME_MS);
  await beginDigest(tx, { ...wanted, state, reason, expiresAt, readers }, now);
}

async function reasonToHold(
  tx: Tx,
  { publicationId, cadence }: Wanted,
  readers: number,
): Promise<string | null> {
  const publication = await findPublication(tx, publicationId);
  if (publication === undefined) return null;
  const before = await readersOfLast(tx, { publicationId, cadence });
  return whyHold(publication, readers, before) ?? null;
}

/** An approved digest gets its first readers, and has as long to live as one that was never held. */
async function begin(tx: Tx, id: string, now: Date): Promise<void> {
  await startSending(tx, id);
  await extendLifetime(tx, id, new Date(now.getTime() + LIFETIME_MS));
}

function admissionIn(state: DigestState): Admission {
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
