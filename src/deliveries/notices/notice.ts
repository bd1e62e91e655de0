import type { DeliveryState } from '../delivery.js';
import type { SkipReason } from '../skip-reason.js';

export type NoticeKind = Notice['kind'];

/** Every mail that is not a digest. */
export type Notice = ReaderNotice | OperatorNotice;

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

/** Its cause is the alert. */
export type OperatorNotice = NoticeRow & { kind: 'alert'; operatorId: string };

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
