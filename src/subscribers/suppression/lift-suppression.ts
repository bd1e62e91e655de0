import type { Context } from '../../platform/context.js';
import type { Db, Tx } from '../../platform/db/database.js';
import type { Publication } from '../../publications/publication.js';
import type { Origin } from '../consent/evidence.js';
import { recordConsent } from '../consent/record-consent.js';
import { deleteLiftableSuppressions } from './writes.js';
import { listSuppressionsOf, type Suppression } from './reads.js';
import { findSubscription } from '../reads.js';
import { resetMailCap } from '../request-writes.js';

/** Why her mail has stopped; `mayRepair` when she can set it going again herself. */
export type BounceOrComplaint = { reason: 'bounced' | 'complained'; since: Date; mayLift: boolean };

/**
 * Undefined: nothing has stopped, or somebody wanted it so. What all newsletters here heard of as spam is not for one of
 * them to take back.
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
  const mayRepair = !all.some(({ reason, everywhere }) => everywhere && reason === 'complained');
  return complaint
    ? { reason: 'complained', since: complaint.createdAt, mayLift: mayRepair }
    : { reason: 'bounced', since: first.createdAt, mayLift: mayRepair };
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
 * Lifts what stopped her mail, and keeps the proof: she opened a link that only her mailbox was sent. From now on she gets
 * what is new.
 */
export function liftSuppression(
  { db, now, hashAddress }: Pick<Context, 'db' | 'now' | 'hashAddress'>,
  { subscriptionId, publication, wording, origin }: LiftSuppressionInput,
): Promise<{ kind: 'repaired' | 'nothing-stopped' }> {
  return db.transaction(async (tx) => {
    const subscription = await findSubscription(tx, subscriptionId);
    if (subscription === undefined) return { kind: 'nothing-stopped' };
    const { publicationId, emailKey } = subscription;
    const addressHash = hashAddress(emailKey);
    if (!(await findBounceOrComplaint(tx, publicationId, addressHash))?.mayLift)
      return { kind: 'nothing-stopped' };
    if ((await deleteLiftableSuppressions(tx, addressHash, publicationId)) === 0)
      return { kind: 'nothing-stopped' };
    await resetMailCap(tx, addressHash, publicationId);
    await recordConsent(tx, { subscriptionId, publication, wording, request: undefined, origin }, now());
    return { kind: 'repaired' };
  });
}
