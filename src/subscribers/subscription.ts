import { canonicalTimeZone } from '../platform/text/time-zone.js';
import type { Cadence, ContentMode, Publication } from '../publications/publication.js';

/** `added`: brought from another product, and not mailed before that is started. */
export type SubscriptionStatus = 'pending' | 'added' | 'confirmed' | 'paused' | 'unsubscribed';

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
  /** Names it in links. */
  number: number;
  publicationId: string;
  /** The publication's number. */
  publicationNumber: number;
  subscriberId: string;
  email: string;
  emailKey: string;
  status: SubscriptionStatus;
  /** Of its confirm and manage links: those of an earlier generation are revoked. */
  generation: number;
  /** A language tag (RFC 5646), of a language that may have no translations. */
  locale: string;
  /** Null: the publication's format. */
  format: ContentMode | null;
  /** Her mails show no pictures, to save data. */
  withoutPictures: boolean;
  /** The latest article number that was planned for her. */
  watermark: number;
  /** After a pause with `catchUp`: what she missed has not been planned yet, and comes as one digest. */
  isCatchingUp: boolean;
  /** At most one mail a day, for instant readers. */
  atMostDaily: boolean;
  nextDueAt: Date | null;
  createdAt: Date;
  confirmedAt: Date | null;
  unsubscribedAt: Date | null;
  /** When her pause began; kept while she is unsubscribed, so that undoing restores it. */
  pausedAt: Date | null;
  /** Null: until she resumes. */
  pausedUntil: Date | null;
  /** What is released during her pause comes afterwards. */
  catchUp: boolean;
};

/** What planning needs to know of a confirmed subscription. */
export type Reader = Choices &
  Pick<
    Subscription,
    | 'id'
    | 'publicationId'
    | 'locale'
    | 'format'
    | 'withoutPictures'
    | 'watermark'
    | 'isCatchingUp'
    | 'atMostDaily'
    | 'nextDueAt'
  >;

/** What erasing leaves, so that links in old mails still lead somewhere. No address key has a space. */
export function isTombstone({ emailKey }: Pick<Subscription, 'emailKey'>): boolean {
  return emailKey.startsWith('erased ');
}

/** She reads it now, or will after her pause. */
export function isSubscribed({ status }: Pick<Subscription, 'status'>): boolean {
  return status === 'confirmed' || status === 'paused';
}

/**
 * When and how often the publication mails readers who chose nothing, in their own time zone where it is known.
 * @param timezone as a form said it: any text
 */
export function defaultCadenceSettings(publication: Publication, timezone: string | null): CadenceSettings {
  return {
    cadence: publication.defaultCadence,
    hour: publication.hour,
    weekday: publication.weekday,
    dayOfMonth: publication.dayOfMonth,
    timezone: canonicalTimeZone(timezone ?? '') ?? publication.timezone,
  };
}
