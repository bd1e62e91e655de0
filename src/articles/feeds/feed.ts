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
  failure: string | null;
  /** Between two looks that work; it follows the feed's own rhythm. */
  pollMinutes: number;
  /** When it last brought something new. */
  lastNewAt: Date | null;
  /** Since then its address says that it is gone for good (410), and nobody looks there. */
  goneAt: Date | null;
  /** The hub it names, what it calls itself there, and how we stand with it. */
  hubUrl: string | null;
  hubTopic: string | null;
  hubRequestedAt: Date | null;
  hubKeyId: string | null;
  hubLeaseUntil: Date | null;
  createdAt: Date;
};

export type FailingFeed = Pick<Feed, 'id' | 'publicationId' | 'url' | 'failure'> & { failingSince: Date };
