import type { Operator } from '../../operators/operator.js';
import { findOperator } from '../../operators/reads.js';
import type { Db, Tx } from '../../platform/db/database.js';
import { findSubscription } from '../../subscribers/reads.js';
import type { Subscription } from '../../subscribers/subscription.js';
import { findCause } from '../alerts/causes.js';
import { withNoticeAddress, isSelfService, selfServiceSkipReason } from './self-service-notice.js';
import type { Notice, OperatorNotice, ReaderNotice } from './reads.js';

/** A notice, and the person it is for. */
export type AddressedNotice =
  | { kind: 'to-reader'; notice: ReaderNotice; to: Subscription }
  | { kind: 'to-operator'; notice: OperatorNotice; to: Operator };

/** Undefined: she was erased or, an operator, removed. */
export async function findRecipient(db: Db | Tx, notice: Notice): Promise<AddressedNotice | undefined> {
  if (notice.kind === 'alert') {
    const to = await findOperator(db, notice.operatorId);
    return to && { kind: 'to-operator', notice, to };
  }
  const to = await findSubscription(db, notice.subscriptionId);
  return to && { kind: 'to-reader', notice, to: await withNoticeAddress(db, notice, to) };
}

/** How it is said in the ledger that `addressNotice` found nobody. */
export function missingRecipientReason({ kind }: Notice): string {
  return kind === 'alert' ? 'removed' : 'erased';
}

/** Between the promise and now she may have left, clicked another link, or decided: undefined when she still wants it. */
export async function noticeSkipReason(
  db: Db | Tx,
  addressed: AddressedNotice,
  now: Date,
): Promise<string | undefined> {
  if (addressed.kind === 'to-operator')
    return (await findCause(db, addressed.notice.causeId, now)) === undefined ? 'over' : undefined;
  const { notice, to } = addressed;
  const confirmed = to.status === 'confirmed' || to.status === 'paused';
  if (isSelfService(notice)) return selfServiceSkipReason(db, notice, to);
  if (notice.kind === 'confirmation') return confirmed ? 'confirmed meanwhile' : undefined;
  return confirmed ? undefined : to.status;
}
