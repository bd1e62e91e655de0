import type { Context } from '../../platform/context.js';
import type { Db, Tx } from '../../platform/db/database.js';
import type { Publication } from '../../publications/publication.js';
import type { Origin } from '../consent/evidence.js';
import { recordConsent } from '../consent/record-consent.js';
import { addressHashes, type AddressHashes } from './address-hashes.js';
import { recordSuppressions } from './record-suppressions.js';
import {
  deleteErasureSuppression,
  deleteLiftableSuppressions,
  insertComplaintsElsewhere,
  insertSuppressionChange,
  type ChangedSuppression,
} from './writes.js';
import { deleteSoftBouncesOfReader } from './soft-bounce-writes.js';
import { listSuppressionsOf, type Suppression } from './reads.js';
import { findSubscription } from '../reads.js';
import { hashMailbox } from '../mail-cap/mailbox.js';
import { resetMailCap } from '../mail-cap/writes.js';

/** Why mail to an address has stopped, where its owner may lift that. */
export type BounceOrComplaint = { reason: 'bounced' | 'complained'; since: Date };

/** Undefined: no suppression, or one that the reader or an operator wanted. */
export async function findBounceOrComplaint(
  db: Db | Tx,
  publicationId: string,
  hashes: AddressHashes,
): Promise<BounceOrComplaint | undefined> {
  const all = (await listSuppressionsOf(db, publicationId, hashes)).filter(preventsMail);
  const [first] = all;
  if (first === undefined || all.some(({ reason }) => reason !== 'bounced' && reason !== 'complained'))
    return undefined;
  const complaint = all.find(({ reason }) => reason === 'complained');
  return complaint
    ? { reason: 'complained', since: complaint.createdAt }
    : { reason: 'bounced', since: first.createdAt };
}

/** Whether a bounce is all that keeps mail from an address. */
export async function isOnlyBounced(
  db: Db | Tx,
  publicationId: string,
  hashes: AddressHashes,
): Promise<boolean> {
  return (await findBounceOrComplaint(db, publicationId, hashes))?.reason === 'bounced';
}

/** For who proved by a click that mail arrives. Does nothing where more than a bounce stops mail. */
export async function liftBounce(
  tx: Tx,
  context: Pick<Context, 'actor' | 'now'>,
  publicationId: string,
  hashes: AddressHashes,
): Promise<void> {
  if (!(await isOnlyBounced(tx, publicationId, hashes))) return;
  const lifted = await deleteLiftableSuppressions(tx, hashes[0], publicationId);
  await recordSuppressions(tx, context, 'lifted', lifted);
  await recordLiftsByReader(tx, hashes[0], lifted, context.now());
}

/** For who confirmed anew: programs may add the address again. */
export async function liftErasure(
  tx: Tx,
  context: Pick<Context, 'actor' | 'now'>,
  publicationId: string,
  addressHash: Buffer,
): Promise<void> {
  const lifted = await deleteErasureSuppression(tx, addressHash, publicationId);
  await recordSuppressions(tx, context, 'lifted', lifted);
}

function preventsMail({ reason }: Suppression): boolean {
  return reason !== 'erased';
}

/** `wording`: the text beside the button, as she read it. */
type LiftSuppressionInput = {
  subscriptionId: string;
  publication: Publication;
  wording: string;
  origin: Origin;
};

/**
 * Lifts bounces and complaints for a reader who opened a link that only her mailbox was sent, and records her consent. She
 * gets what is released from now on. A complaint stays with the other newsletters here that have her as a subscriber.
 */
export function liftSuppression(
  context: Pick<Context, 'db' | 'now' | 'actor' | 'hashAddress'>,
  { subscriptionId, publication, wording, origin }: LiftSuppressionInput,
): Promise<{ kind: 'lifted' | 'nothing-to-lift' }> {
  const { db, now, hashAddress } = context;
  return db.transaction(async (tx) => {
    const subscription = await findSubscription(tx, subscriptionId);
    if (subscription === undefined) return { kind: 'nothing-to-lift' };
    const { publicationId, emailKey } = subscription;
    const hashes = addressHashes(hashAddress, emailKey);
    const [addressHash] = hashes;
    if ((await findBounceOrComplaint(tx, publicationId, hashes)) === undefined)
      return { kind: 'nothing-to-lift' };
    await insertComplaintsElsewhere(tx, addressHash, subscription);
    const lifted = await deleteLiftableSuppressions(tx, addressHash, publicationId);
    await resetMailCap(tx, hashMailbox(hashAddress, emailKey), publicationId);
    await deleteSoftBouncesOfReader(tx, subscriptionId);
    await recordSuppressions(tx, context, 'lifted', lifted);
    await recordLiftsByReader(tx, hashes[0], lifted, now());
    await recordConsent(tx, { subscriptionId, publication, wording, request: undefined, origin }, now());
    return { kind: 'lifted' };
  });
}

async function recordLiftsByReader(
  tx: Tx,
  addressHash: Buffer,
  lifted: readonly ChangedSuppression[],
  now: Date,
): Promise<void> {
  for (const { id: _, ...one } of lifted) {
    const change = { addressHash, ...one, change: 'lifted', changedBy: 'reader', note: null } as const;
    await insertSuppressionChange(tx, change, now);
  }
}
