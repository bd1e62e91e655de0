/** Why articles wait for an operator, for programs. */
export const holdCodes = [
  'flood',
  'ids-changed',
  'old',
  'scheduled',
  'empty',
  'same-address',
  'same-title',
  'by-hand',
] as const;

export type HoldCode = (typeof holdCodes)[number];

/** The articles of one arrival that wait for one and the same reason: an operator decides once. */
export type ArticleHold = {
  id: string;
  publicationId: string;
  feedId: string | null;
  code: HoldCode;
  /** A sentence for her. */
  reason: string;
  heldAt: Date;
  /** How many of its articles are still held; 0: it is decided. */
  count: number;
  /** Of the newest of those, five at most. */
  titles: string[];
  /** Null where it has none, or was never looked at; both are null for articles that no feed brought. */
  feedTitle: string | null;
  feedUrl: string | null;
};

/** "Harbour News (https://harbour.example/feed)", or its address alone. Null for what no feed brought. */
export function describeFeed({
  feedTitle,
  feedUrl,
}: Pick<ArticleHold, 'feedTitle' | 'feedUrl'>): string | null {
  return feedTitle === null || feedUrl === null ? feedUrl : `${feedTitle} (${feedUrl})`;
}
