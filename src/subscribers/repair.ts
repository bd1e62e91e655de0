import type { Context } from '../platform/context.js';
import type { Db, Tx } from '../platform/db/database.js';
import type { Publication } from '../publications/publication.js';
import type { Origin } from './evidence.js';
import { keepProof } from './keep-proof.js';
import { liftSuppression } from './suppression-writes.js';
import { listSuppressionsOf, type Suppression } from './suppression-reads.js';
import { findSubscription } from './reads.js';
import { forgetAsked } from './request-writes.js';

/** Why her mail has stopped; `mayRepair` when she can set it going again herself. */
export type Stopped = { reason: 'bounced' | 'complained'; since: Date; mayRepair: boolean };

/**
 * Undefined: nothing has stopped, or somebody wanted it so. What all newsletters here heard of as spam is not for one of
 * them to take back.
 */
export async function stoppedBecause(
  db: Db | Tx,
  publicationId: string,
  addressHash: Buffer,
): Promise<Stopped | undefined> {
  const all = (await listSuppressionsOf(db, publicationId, addressHash)).filter(isBan);
  const [first] = all;
  if (first === undefined || all.some(({ reason }) => reason !== 'bounced' && reason !== 'complained'))
    return undefined;
  const complaint = all.find(({ reason }) => reason === 'complained');
  const mayRepair = !all.some(({ reason, everywhere }) => everywhere && reason === 'complained');
  return complaint
    ? { reason: 'complained', since: complaint.createdAt, mayRepair }
    : { reason: 'bounced', since: first.createdAt, mayRepair };
}

function isBan({ reason }: Suppression): boolean {
  return reason !== 'erased';
}

/** `wording`: the text beside the button, as she read it. */
type Repairing = { subscriptionId: string; publication: Publication; wording: string; origin: Origin };

/**
 * Lifts what stopped her mail, and keeps the proof: she opened a link that only her mailbox was sent. From now on she gets
 * what is new.
 */
export function repair(
  { db, now, hashAddress }: Pick<Context, 'db' | 'now' | 'hashAddress'>,
  { subscriptionId, publication, wording, origin }: Repairing,
): Promise<{ kind: 'repaired' | 'nothing-stopped' }> {
  return db.transaction(async (tx) => {
    const subscription = await findSubscription(tx, subscriptionId);
    if (subscription === undefined) return { kind: 'nothing-stopped' };
    const { publicationId, emailKey } = subscription;
    const addressHash = hashAddress(emailKey);
    if (!(await stoppedBecause(tx, publicationId, addressHash))?.mayRepair)
      return { kind: 'nothing-stopped' };
    if ((await liftSuppression(tx, addressHash, publicationId)) === 0) return { kind: 'nothing-stopped' };
    await forgetAsked(tx, addressHash, publicationId);
    await keepProof(tx, { subscriptionId, publication, wording, request: undefined, origin }, now());
    return { kind: 'repaired' };
  });
}
