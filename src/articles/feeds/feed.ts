import type { FeedFailure } from './feed-failure.js';

/** Where articles of a publication come from. */
export type Feed = {
  id: string;
  publicationId: string;
  url: string;
  title: string | null;
  etag: string | null;
  lastModified: string | null;
  nextPollAt: Date;
  lastPolledAt: Date | null;
  firstPollDone: boolean;
  includeNewest: number;
  failingSince: Date | null;
  failure: FeedFailure | null;
  /** Minutes between two polls that work; follows how often the feed has something new. */
  pollMinutes: number;
  /** When it last brought something new. */
  lastNewAt: Date | null;
  /** Since then its address answers that it is gone for good (410), and it is not polled. */
  goneAt: Date | null;
  /** The hub it names, its own address at that hub (topic), and our subscription there. */
  hubUrl: string | null;
  hubTopic: string | null;
  hubRequestedAt: Date | null;
  hubKeyId: string | null;
  hubLeaseUntil: Date | null;
  createdAt: Date;
};

export type FailingFeed = Pick<
  Feed,
  'id' | 'publicationId' | 'url' | 'failure' | 'firstPollDone' | 'includeNewest' | 'goneAt'
> & { failingSince: Date };
