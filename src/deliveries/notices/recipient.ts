import type { Operator } from '../../operators/operator.js';
import { findOperator } from '../../operators/reads.js';
import type { Db, Tx } from '../../platform/db/database.js';
import { findSubscription } from '../../subscribers/reads.js';
import type { Subscription } from '../../subscribers/subscription.js';
import { findCause } from '../alerts/causes.js';
import type { SkipReason } from '../skip-reason.js';
import type { Notice, OperatorNotice, ReaderNotice } from './notice.js';
import { isSelfService, selfServiceSkipReason, withNoticeAddress } from './self-service-notice.js';

/** A notice, and the person it is for. */
export type AddressedNotice =
  | { kind: 'to-reader'; notice: ReaderNotice; to: Subscription }
  | { kind: 'to-operator'; notice: OperatorNotice; to: Operator };

/** Undefined: the reader was erased, or the operator removed. */
export async function findRecipient(db: Db | Tx, notice: Notice): Promise<AddressedNotice | undefined> {
  if (notice.kind === 'alert') {
    const to = await findOperator(db, notice.operatorId);
    return to && { kind: 'to-operator', notice, to };
  }
  const to = await findSubscription(db, notice.subscriptionId);
  return to && { kind: 'to-reader', notice, to: await withNoticeAddress(db, notice, to) };
}

/** Why a notice is skipped for which `findRecipient` found nobody. */
export function missingRecipientReason({ kind }: Notice): SkipReason {
  return kind === 'alert' ? 'removed' : 'erased';
}

/** Undefined: its recipient is still to have it. Since it was enqueued she may have left, clicked another link, or decided. */
export async function noticeSkipReason(
  db: Db | Tx,
  addressed: AddressedNotice,
  now: Date,
): Promise<SkipReason | undefined> {
  if (addressed.kind === 'to-operator')
    return (await findCause(db, addressed.notice.causeId, now)) === undefined ? 'over' : undefined;
  const { notice, to } = addressed;
  if (isSelfService(notice)) return selfServiceSkipReason(db, notice, to);
  if (to.status === 'confirmed' || to.status === 'paused')
    return notice.kind === 'confirmation' ? 'confirmed-meanwhile' : undefined;
  return notice.kind === 'confirmation' ? undefined : to.status;
}
