import { describeHoldReason } from '../../../articles/release/describe-hold.js';
import { isNeverEmailed } from '../../../articles/release/never-emailed.js';
import type { Publication } from '../../../publications/publication.js';
import { judgeItem } from '../../../articles/ingest/judge-item.js';
import type { FeedItem, ParsedFeed } from '../../../articles/parse/feed-item.js';
import { findWarnings, type FeedCheck } from '../../../articles/parse/feed-report.js';
import type { Context } from '../../../platform/context.js';

/** An item of a feed, and whether one like it would be mailed. */
export type PreviewedItem = {
  title: string;
  url: string | null;
  publishedAt: Date | null;
  good: boolean;
  verdict: string;
};

export type FeedPreview = {
  url: string;
  title: string | null;
  count: number;
  items: PreviewedItem[];
  /** What is odd about the feed as a whole, in a few words each. */
  warnings: string[];
};

const MAX_ITEMS = 5;

/** What following a feed would bring: its newest items, each with a verdict. */
export function previewFeed(
  { now, templates }: Pick<Context, 'now' | 'templates'>,
  url: string,
  check: Extract<FeedCheck, { kind: 'feed' }>,
  publication: Pick<Publication, 'neverEmailCategories'>,
): FeedPreview {
  const { title, items } = check.feed;
  const newest = newestItems(check.feed, now());
  return {
    url,
    title: title ?? null,
    count: items.length,
    items: newest.map((item) => previewItem({ now, templates }, item, publication)),
    warnings: findWarnings(check),
  };
}

function previewItem(
  { now, templates }: Pick<Context, 'now' | 'templates'>,
  item: FeedItem,
  publication: Pick<Publication, 'neverEmailCategories'>,
): PreviewedItem {
  const { title, url = null, publishedAt = null } = item;
  if (isNeverEmailed(item.categories, publication)) {
    const verdict = 'It would not be emailed: it is in a category that never is.';
    return { title, url, publishedAt, good: false, verdict };
  }
  const code = judgeItem(item, now());
  if (code !== undefined) {
    const reason = describeHoldReason({ code, newItems: 1, totalItems: 1 }, templates.operatorWords);
    return { title, url, publishedAt, good: false, verdict: `It would wait for you: ${lowerFirst(reason)}` };
  }
  const missing = [
    ...(url === null ? ['a link, so its title would lead nowhere'] : []),
    ...(publishedAt === null ? ['a date, so it counts as published when it is found'] : []),
  ];
  const lack = missing.length === 0 ? '' : ` It has not ${missing.join(', nor ')}.`;
  return { title, url, publishedAt, good: true, verdict: `One like it would be mailed.${lack}` };
}

/** Newest first; those without a date in the order of the feed, after the others. */
function newestItems({ items }: ParsedFeed, now: Date): FeedItem[] {
  const time = ({ publishedAt }: FeedItem) => Math.min(publishedAt?.getTime() ?? 0, now.getTime());
  return items.toSorted((one, other) => time(other) - time(one)).slice(0, MAX_ITEMS);
}

function lowerFirst(sentence: string): string {
  return sentence.charAt(0).toLowerCase() + sentence.slice(1);
}
