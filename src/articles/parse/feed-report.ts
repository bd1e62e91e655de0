import type { FeedItem } from './feed-item.js';
import type { ParseResult } from './parse-feed.js';

/** `reason` says in a sentence for an operator why this is no feed, or could not be read at all. */
export type FeedCheck = Extract<ParseResult, { kind: 'feed' }> | { kind: 'unreadable'; reason: string };

/** One feed as it would be stored, for people and programs that want to know before they follow it. */
export type FeedReport = {
  source: string;
  ok: boolean;
  /** A sentence for an operator. */
  error?: string;
  feed: { title: string | null; url: string | null; description: string | null; language: string | null };
  articles: ReportedArticle[];
};

type ReportedArticle = {
  id: string;
  url: string | null;
  title: string;
  summary: string;
  /** Sanitised HTML. */
  content: string;
  authors: string[];
  image: string | null;
  categories: string[];
  /** ISO 8601, UTC. */
  published: string | null;
  updated: string | null;
};

const NO_METADATA = { title: null, url: null, description: null, language: null };

/** What reading this source came to, articles in the order of the feed. */
export function reportFeed(source: string, result: FeedCheck): FeedReport {
  if (result.kind === 'unreadable') {
    return { source, ok: false, error: result.reason, feed: NO_METADATA, articles: [] };
  }
  const { title, siteUrl, description, language, items } = result.feed;
  return {
    source,
    ok: true,
    feed: {
      title: title ?? null,
      url: siteUrl ?? null,
      description: description ?? null,
      language: language ?? null,
    },
    articles: items.map(reportArticle),
  };
}

function reportArticle(item: FeedItem): ReportedArticle {
  return {
    id: item.externalId,
    url: item.url ?? null,
    title: item.title,
    summary: item.summary,
    content: item.contentHtml,
    authors: item.authors,
    image: item.image ?? null,
    categories: item.categories,
    published: item.publishedAt?.toISOString() ?? null,
    updated: item.updatedAt?.toISOString() ?? null,
  };
}

/** What a publisher may want to know or mend, in a few words each; nothing for a feed in good order. */
export function findWarnings(result: FeedCheck): string[] {
  if (result.kind === 'unreadable') return [result.reason];
  const { items, title } = result.feed;
  const count = (odd: (item: FeedItem) => boolean, words: string) => {
    const found = items.filter(odd).length;
    return found === 0 ? [] : [`${found === items.length ? 'all' : found} ${words}`];
  };
  const zones = new Set(items.flatMap(({ unsureZone }) => unsureZone ?? []));
  return [
    ...result.warnings,
    ...(title === undefined ? ['the feed has no title'] : []),
    ...(items.length === 0 ? ['an empty feed: there is no article'] : []),
    ...count(({ url, hasStrayLink = false }) => url === undefined && !hasStrayLink, 'without a link'),
    ...count(({ publishedAt }) => publishedAt === undefined, 'without a date'),
    ...[...zones].flatMap((zone) => count(({ unsureZone }) => unsureZone === zone, describeZone(zone))),
    ...count(({ externalId }) => externalId.startsWith('sha256:'), 'without a usable id'),
    ...count(({ contentHtml }) => contentHtml === '', 'without words'),
  ];
}

/** A date ahead counts as now where its zone is unsure, which nobody would guess. */
function describeZone(zone: string): string {
  const where = zone === '' ? 'without a time zone' : `in an unclear time zone (${zone})`;
  return `dated ${where}: a date ahead counts as now`;
}
