import type { Cadence, ContentMode } from '../publications/publication.js';

export type SubscriptionStatus = 'pending' | 'confirmed' | 'paused' | 'unsubscribed';

/** When and how often she wants mail, in her own time zone. */
export type CadenceSettings = {
  cadence: Cadence;
  hour: number;
  /** 1 is Monday, as in ISO 8601. */
  weekday: number;
  dayOfMonth: number;
  /** IANA name. */
  timezone: string;
};

/** Everything she may choose for one publication. */
export type Choices = CadenceSettings & {
  /** Topics of the publication; empty: every article. */
  topics: string[];
};

/** One person reading one publication. */
export type Subscription = Choices & {
  id: string;
  publicationId: string;
  subscriberId: string;
  email: string;
  emailKey: string;
  status: SubscriptionStatus;
  generation: number;
  locale: string;
  /** Null: as the publication does it. */
  format: ContentMode | null;
  /** The newest article number that was planned for her. */
  watermark: number;
  /** Back from a pause: what she missed, and asked for, comes as one digest. */
  isCatchingUp: boolean;
  /** At most one mail a day, whatever comes out. */
  atMostDaily: boolean;
  nextDueAt: Date | null;
  createdAt: Date;
  confirmedAt: Date | null;
  unsubscribedAt: Date | null;
  /** Since when she rests; kept while she is unsubscribed. */
  pausedAt: Date | null;
  /** Null: until she says so. */
  pausedUntil: Date | null;
  /** What she misses meanwhile comes afterwards. */
  catchUp: boolean;
};

/** What planning needs to know of a reader: all but her address and her history. */
export type Reader = Choices &
  Pick<
    Subscription,
    'id' | 'publicationId' | 'locale' | 'format' | 'watermark' | 'isCatchingUp' | 'atMostDaily' | 'nextDueAt'
  >;

/** What erasing leaves: nobody's subscription, for links in old mails. No folded address has a space. */
export function isTombstone({ emailKey }: Pick<Subscription, 'emailKey'>): boolean {
  return emailKey.startsWith('erased ');
}

/** How long an unsubscribed reader may change her mind with one button: a digest is forwarded, and its link lives on. */
const UNDO_WINDOW_MS = 24 * 3600 * 1000;

export function mayUndoUnsubscribe(
  subscription: Pick<Subscription, 'status' | 'unsubscribedAt' | 'confirmedAt'>,
  now: Date,
): boolean {
  if (subscription.status !== 'unsubscribed' || subscription.confirmedAt === null) return false;
  return now.getTime() - (subscription.unsubscribedAt?.getTime() ?? 0) < UNDO_WINDOW_MS;
}

/** How long a confirmation link works (R4: three days). */
const CONFIRM_WINDOW_MS = 72 * 3600 * 1000;

export function confirmationDeadline(askedAt: Date): Date {
  return new Date(askedAt.getTime() + CONFIRM_WINDOW_MS);
}
