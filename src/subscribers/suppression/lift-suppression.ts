import type { Context } from '../../platform/context.js';
import type { Db, Tx } from '../../platform/db/database.js';
import type { Publication } from '../../publications/publication.js';
import type { Origin } from '../consent/evidence.js';
import { recordConsent } from '../consent/record-consent.js';
import { deleteLiftableSuppressions, deleteSoftBouncesOfReader } from './writes.js';
import { listSuppressionsOf, type Suppression } from './reads.js';
import { findSubscription } from '../reads.js';
import { resetMailCap } from '../mail-cap/writes.js';

/** Why mail to an address has stopped, and whether its owner may lift that. */
export type BounceOrComplaint = { reason: 'bounced' | 'complained'; since: Date; mayLift: boolean };

/**
 * Undefined: no suppression, or one that the reader or an operator wanted. A complaint that holds for all publications may
 * not be lifted by one of them.
 */
export async function findBounceOrComplaint(
  db: Db | Tx,
  publicationId: string,
  addressHash: Buffer,
): Promise<BounceOrComplaint | undefined> {
  const all = (await listSuppressionsOf(db, publicationId, addressHash)).filter(preventsMail);
  const [first] = all;
  if (first === undefined || all.some(({ reason }) => reason !== 'bounced' && reason !== 'complained'))
    return undefined;
  const complaint = all.find(({ reason }) => reason === 'complained');
  const mayLift = !all.some(({ reason, everywhere }) => everywhere && reason === 'complained');
  return complaint
    ? { reason: 'complained', since: complaint.createdAt, mayLift }
    : { reason: 'bounced', since: first.createdAt, mayLift };
}

/** Whether a bounce is all that keeps mail from an address. */
export async function isOnlyBounced(
  db: Db | Tx,
  publicationId: string,
  addressHash: Buffer,
): Promise<boolean> {
  const stopped = await findBounceOrComplaint(db, publicationId, addressHash);
  return stopped?.reason === 'bounced' && stopped.mayLift;
}

/** For who proved by a click that mail arrives. Does nothing where more than a bounce stops mail. */
export async function liftBounce(tx: Tx, publicationId: string, addressHash: Buffer): Promise<void> {
  if (await isOnlyBounced(tx, publicationId, addressHash))
    await deleteLiftableSuppressions(tx, addressHash, publicationId);
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
 * gets what is released from now on.
 */
export function liftSuppression(
  { db, now, hashAddress }: Pick<Context, 'db' | 'now' | 'hashAddress'>,
  { subscriptionId, publication, wording, origin }: LiftSuppressionInput,
): Promise<{ kind: 'lifted' | 'nothing-to-lift' }> {
  return db.transaction(async (tx) => {
    const subscription = await findSubscription(tx, subscriptionId);
    if (subscription === undefined) return { kind: 'nothing-to-lift' };
    const { publicationId, emailKey } = subscription;
    const addressHash = hashAddress(emailKey);
    if (!(await findBounceOrComplaint(tx, publicationId, addressHash))?.mayLift)
      return { kind: 'nothing-to-lift' };
    if ((await deleteLiftableSuppressions(tx, addressHash, publicationId)) === 0)
      return { kind: 'nothing-to-lift' };
    await resetMailCap(tx, addressHash, publicationId);
    await deleteSoftBouncesOfReader(tx, subscriptionId);
    await recordConsent(tx, { subscriptionId, publication, wording, request: undefined, origin }, now());
    return { kind: 'lifted' };
  });
}
