import type { JsonFeed } from 'feedsmith';
import { absoluteUrl } from './absolute-url.js';
import type { RawFeed, RawItem } from './feed-item.js';
import type { Markup } from './markup.js';

/** JSON Feed 1.0 and 1.1. */
export function readJsonFeed(feed: JsonFeed.Feed<string>, url: string): RawFeed {
  const siteUrl = absoluteUrl(feed.home_page_url, url);
  return {
    title: text(feed.title),
    siteUrl,
    description: text(feed.description),
    language: feed.language,
    items: (feed.items ?? []).map((item) => readItem(item, feed, siteUrl ?? url)),
  };
}

function readItem(item: JsonFeed.Item<string>, feed: JsonFeed.Feed<string>, linkBase: string): RawItem {
  const words = item.content_html;
  return {
    id: item.id,
    link: item.url ?? item.external_url,
    linkBase,
    title: text(item.title),
    summary: text(item.summary),
    content: words === undefined ? text(item.content_text) : { text: words, kind: 'html' },
    contentBase: undefined,
    authors: (item.authors ?? feed.authors ?? []).map(({ name }) => name),
    images: [item.image, item.banner_image],
    categories: item.tags ?? [],
    published: item.date_published,
    updated: item.date_modified,
  };
}

function text(value: string | undefined): Markup | undefined {
  return value === undefined ? undefined : { text: value, kind: 'text' };
}
