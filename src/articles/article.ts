/** Why articles wait for an operator, for programs. */
export const holdCodes = [
  'flood',
  'ids-changed',
  'old',
  'scheduled',
  'protected',
  'empty',
  'same-address',
  'same-title',
  'replaced',
  'by-hand',
] as const;

export type HoldCode = (typeof holdCodes)[number];

/** A code, and the numbers its sentence has: how many items of an arrival were new, and how many the feed held in all. */
export type HoldReason = { code: HoldCode; newItems: number; totalItems: number };

export const articleStates = ['waiting', 'held', 'released', 'skipped', 'retracted'] as const;

/** One item from a feed or the API. */
export type Article = {
  id: string;
  publicationId: string;
  feedId: string | null;
  externalId: string;
  url: string | null;
  title: string;
  /** Plain text. */
  summary: string;
  /** Sanitised. */
  contentHtml: string;
  authors: string[];
  image: string | null;
  categories: string[];
  publishedAt: Date | null;
  updatedAt: Date | null;
  firstSeenAt: Date;
  /** waiting: in its hold window. held: an operator decides. skipped: known, never mailed. */
  state: (typeof articleStates)[number];
  /** What covers it while it is held. */
  holdId: string | null;
  /** Why it is held; null when it is not. */
  holdReason: HoldReason | null;
  /** Who took it back: an operator for good, its feed until it shows it again. */
  retraction: 'by-hand' | 'vanished' | null;
  releaseAt: Date;
  /** Its number in the publication, given at release. */
  seq: number | null;
};

/** What an article says, before it is a row. */
export type ArticleContent = Pick<
  Article,
  | 'url'
  | 'title'
  | 'summary'
  | 'contentHtml'
  | 'authors'
  | 'image'
  | 'categories'
  | 'publishedAt'
  | 'updatedAt'
>;
