import type { DigestCadence } from '../digests/digest.js';
import type { DeliveryState } from '../deliveries/delivery.js';
import type { SkipReason } from '../deliveries/skip-reason.js';
import type { EventClass, EventScope, EventSource } from '../events/event.js';
import type { PassphraseBox } from '../platform/crypto/passphrase-box.js';
import type { ContentMode, Publication } from '../publications/publication.js';
import type { ReaderFilter } from '../subscribers/list/reader-filter.js';
import type { ConsentRecord } from '../subscribers/consent/reads.js';
import type { LeaveReason } from '../subscribers/leave/leave-reason.js';
import type { SuppressionReason, SuppressionSource } from '../subscribers/suppression/reads.js';
import type { CadenceSettings, SubscriptionStatus } from '../subscribers/subscription.js';

/** A table for spreadsheets, or everything, one JSON text a line (https://jsonlines.org). */
export const exportFormats = ['csv', 'jsonl'] as const;
export type ExportFormat = (typeof exportFormats)[number];

/** Of the lines below, which docs/export.md describes: a new one where a reader of the old would be misled. */
export const EXPORT_VERSION = 1;

/** The first line. `suppressionKey`: the key of the hashes in `suppression`; null: no pass phrase was given, and there are no hashes. */
export type ExportHead = {
  type: 'export';
  format: 'paperround-readers';
  version: typeof EXPORT_VERSION;
  madeAt: Date;
  publication: Pick<Publication, 'slug' | 'name' | 'siteUrl' | 'locale' | 'timezone' | 'topics'>;
  isFiltered: boolean;
  suppressionKey: PassphraseBox | null;
};

export type ExportedDelivery = {
  digest: string;
  cadence: DigestCadence;
  period: string;
  subject: string | null;
  state: DeliveryState;
  skipReason: SkipReason | null;
  answer: string | null;
  at: Date;
};

export type ExportedNotice = {
  kind: string;
  state: DeliveryState;
  skipReason: SkipReason | null;
  answer: string | null;
  at: Date;
};

export type ExportedEvent = {
  class: EventClass;
  scope: EventScope;
  source: EventSource;
  status: string | null;
  code: number | null;
  reason: string | null;
  digest: string | null;
  occurredAt: Date;
  receivedAt: Date;
};

/** One reader: what she chose, how she agreed, and what was mailed to her. */
export type ExportedSubscription = CadenceSettings & {
  type: 'reader';
  id: string;
  email: string;
  status: SubscriptionStatus;
  topics: string[];
  locale: string;
  format: ContentMode | null;
  withoutPictures: boolean;
  atMostDaily: boolean;
  createdAt: Date;
  confirmedAt: Date | null;
  unsubscribedAt: Date | null;
  leaveReason: LeaveReason | null;
  pausedAt: Date | null;
  pausedUntil: Date | null;
  catchUp: boolean;
  consents: ConsentRecord[];
  deliveries: ExportedDelivery[];
  notices: ExportedNotice[];
  events: ExportedEvent[];
};

/** `hash` in hexadecimal, of the address or of an @ and the domain; `email` where a reader of this publication has the address. */
export type ExportedSuppression = {
  type: 'suppression';
  hash: string | null;
  email: string | null;
  domain: string | null;
  everywhere: boolean;
  reason: SuppressionReason;
  source: SuppressionSource;
  createdAt: Date;
};

/** The last line: a file without it was broken off. */
export type ExportEnd = {
  type: 'end';
  readers: number;
  suppressions: number;
  /** Known by a hash alone, which no pass phrase was given for. */
  suppressionsLeftOut: number;
};

/** What a program asked for: the file is made while it is read. */
export type NewExport = {
  publicationId: string;
  format: ExportFormat;
  filter: ReaderFilter;
  suppressionKey: PassphraseBox | null;
};

/** `readers`: so many went out the last time that the file was read. In `filter` times are text, as JSON has them. */
export type PreparedExport = Omit<NewExport, 'filter'> & {
  id: string;
  filter: Record<string, unknown>;
  state: 'ready' | 'running' | 'done' | 'broken-off';
  readers: number;
  createdAt: Date;
  finishedAt: Date | null;
};
