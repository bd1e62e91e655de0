import type { Operator } from '../../operators/operator.js';
import { findOpenInvitation } from '../../operators/invitations/reads.js';
import type { Invitation } from '../../operators/invitations/invitation.js';
import { findOpenRecovery } from '../../operators/recovery/reads.js';
import { findOperator } from '../../operators/reads.js';
import type { Db, Tx } from '../../platform/db/database.js';
import { findPublication } from '../../publications/reads.js';
import { parseAddress } from '../../subscribers/address.js';
import { findConsent } from '../../subscribers/consent/reads.js';
import { findSubscription } from '../../subscribers/reads.js';
import type { Subscription } from '../../subscribers/subscription.js';
import { findCause } from '../alerts/causes.js';
import { statusReason, type SkipReason } from '../skip-reason.js';
import {
  isForOperators,
  type ForwardNotice,
  type InvitationNotice,
  type Notice,
  type OperatorNotice,
  type ReaderNotice,
} from './notice.js';
import { isSelfService, selfServiceSkipReason, withNoticeAddress } from './self-service-notice.js';

/** A notice, and the person it is for. */
export type AddressedNotice =
  | { kind: 'to-reader'; notice: ReaderNotice; to: Subscription }
  | { kind: 'to-operator'; notice: OperatorNotice; to: Operator }
  | { kind: 'to-invited'; notice: InvitationNotice; to: Invitation }
  | { kind: 'to-publisher'; notice: ForwardNotice; to: PublisherAddress };

type PublisherAddress = { email: string; emailKey: string };

/** Undefined: the reader was erased, the operator removed, or the invitation leads nowhere any more. */
export async function findRecipient(
  db: Db | Tx,
  notice: Notice,
  now: Date,
): Promise<AddressedNotice | undefined> {
  if (notice.kind === 'operator-invitation') {
    const to = await findOpenInvitation(db, notice.causeId, now);
    return to && { kind: 'to-invited', notice, to };
  }
  if (notice.kind === 'forward') {
    const to = await findReplyTo(db, notice.publicationId);
    return to && { kind: 'to-publisher', notice, to };
  }
  if (isForOperators(notice)) {
    const to = await findOperator(db, notice.operatorId);
    return to && { kind: 'to-operator', notice, to };
  }
  const to = await findSubscription(db, notice.subscriptionId);
  return to && { kind: 'to-reader', notice, to: await withNoticeAddress(db, notice, to) };
}

async function findReplyTo(db: Db | Tx, publicationId: string): Promise<PublisherAddress | undefined> {
  const { replyTo } = (await findPublication(db, publicationId)) ?? {};
  const parsed = parseAddress(replyTo ?? '');
  if (parsed.kind === 'malformed') return undefined;
  const { email, key } = parsed.address;
  return { email, emailKey: key };
}

/** Why a notice is skipped for which `findRecipient` found nobody. */
export function missingRecipientReason(notice: Notice): SkipReason {
  if (notice.kind === 'operator-invitation' || notice.kind === 'forward') return 'over';
  return isForOperators(notice) ? 'removed' : 'erased';
}

/** Undefined: its recipient is still to have it. Since it was enqueued she may have left, clicked another link, or decided. */
export async function noticeSkipReason(
  db: Db | Tx,
  addressed: AddressedNotice,
  now: Date,
): Promise<SkipReason | undefined> {
  if (addressed.kind === 'to-invited' || addressed.kind === 'to-publisher') return undefined;
  if (addressed.kind === 'to-operator') return operatorSkipReason(db, addressed.notice, now);
  const { notice, to } = addressed;
  if (isSelfService(notice)) return selfServiceSkipReason(db, notice, to);
  // Who confirms by herself after that has a welcome of her own.
  if (notice.kind === 'welcome' && (await findConsent(db, notice.causeId))?.takenBackAt) return 'over';
  if (to.status === 'confirmed' || to.status === 'paused')
    return notice.kind === 'confirmation' ? 'confirmed-meanwhile' : undefined;
  return notice.kind === 'confirmation' ? undefined : statusReason(to.status);
}

async function operatorSkipReason(
  db: Db | Tx,
  { kind, causeId }: OperatorNotice,
  now: Date,
): Promise<SkipReason | undefined> {
  switch (kind) {
    case 'alert':
      return (await findCause(db, causeId, now)) === undefined ? 'over' : undefined;
    case 'operator-recovery':
      return (await findOpenRecovery(db, causeId, now)) === undefined ? 'over' : undefined;
    case 'operator-change':
      return undefined;
  }
}
