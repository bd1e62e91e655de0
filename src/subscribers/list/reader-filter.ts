import type { Cadence } from '../../publications/publication.js';
import type { SubscriptionStatus } from '../subscription.js';

/** What is looked for in addresses: any part, or how they begin, or a part of their domain. In lower case. */
export type AddressPart = { kind: 'part' | 'beginning' | 'domain'; text: string };

/** When the last digest was accepted for her: a month counted as `monthNumber` does. */
export type LastMailed = { kind: 'never' } | { kind: 'since' | 'before'; month: number };

/** Which readers of a publication; what is absent does not matter. */
export type ReaderFilter = {
  address?: AddressPart | undefined;
  /** Undefined: all but those who have not confirmed. */
  status?: SubscriptionStatus | undefined;
  cadence?: Cadence | undefined;
  /** One of the topics that she chose, whatever its case. */
  topic?: string | undefined;
  locale?: string | undefined;
  /** The page whose form she confirmed last, without its query. */
  source?: string | undefined;
  /** A digest for her bounced since she confirmed. */
  bounced?: boolean | undefined;
  joinedFrom?: Date | undefined;
  joinedBefore?: Date | undefined;
  mailed?: LastMailed | undefined;
};

/** Months are counted from the year 0, in UTC, as in the database. */
export function monthNumber(at: Date): number {
  return at.getUTCFullYear() * 12 + at.getUTCMonth() + 1;
}
