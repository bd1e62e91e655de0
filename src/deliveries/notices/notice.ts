import type { DeliveryState } from '../delivery.js';
import type { SkipReason } from '../skip-reason.js';

export type NoticeKind = Notice['kind'];

/** Every mail that is not a digest. */
export type Notice = ReaderNotice | OperatorNotice | InvitationNotice | ForwardNotice;

export type ReaderNotice = SubscriptionNotice | SelfServiceNotice;

/** On the way to a confirmed subscription. */
export type SubscriptionNotice = NoticeRow & {
  kind: 'confirmation' | 'already-subscribed' | 'welcome';
  subscriptionId: string;
};

/** About what a reader asked about herself. */
export type SelfServiceNotice = NoticeRow & { kind: SelfServiceKind; subscriptionId: string };

/** What a reader did or asked on her pages: her link, another address, mail again after it had stopped, no more mail. */
export type SelfServiceKind =
  | 'manage-link'
  | 'address-confirm'
  | 'address-asked'
  | 'address-moved'
  | 'address-returned'
  | 'repair'
  | 'left';

/**
 * To somebody with an account. Its cause: the alert; the request of somebody who cannot sign in; the change of what she signs
 * in with.
 */
export type OperatorNotice = NoticeRow & {
  kind: 'alert' | 'operator-recovery' | 'operator-change';
  operatorId: string;
};

/** To an address that need not have an account. Its cause is the invitation. */
export type InvitationNotice = NoticeRow & { kind: 'operator-invitation' };

/** What a person wrote to a return path, for the publisher. Its cause is the stored mail. */
export type ForwardNotice = NoticeRow & { kind: 'forward' };

const READERS_NO: readonly Notice['kind'][] = [
  'alert',
  'operator-recovery',
  'operator-change',
  'operator-invitation',
  'forward',
];

/** Whether it goes to a person who runs publications, not to a reader. */
export function isForOperators(notice: Notice): notice is OperatorNotice | InvitationNotice | ForwardNotice {
  return READERS_NO.includes(notice.kind);
}

type NoticeRow = {
  id: string;
  causeId: string;
  publicationId: string;
  state: DeliveryState;
  attempt: number;
  /** How often a mail server asked for time. */
  deferrals: number;
  dueAt: Date | null;
  skipReason: SkipReason | null;
  answer: string | null;
  expiresAt: Date;
  createdAt: Date;
};
