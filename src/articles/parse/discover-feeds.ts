import sanitize from 'sanitize-html';
import { absoluteUrl } from '../clean/absolute-url.js';
import { decodeCharset } from './decode-charset.js';

const FEED_TYPES = /^application\/((rss|atom|rdf)\+xml|feed\+json)$/i;
const MAX_FEEDS = 10;
const MAX_PAGE_BYTES = 2_000_000;

/**
 * The feeds that a page names in its head, in its order: `<link rel="alternate" type="application/rss+xml" href>`
 * (RSS autodiscovery; WHATWG HTML section 4.6.7.2). Feeds of comments only where there are no
 * others: nobody means them.
 */
export function discoverFeeds(body: Buffer, page: { url: string; contentType?: string }): string[] {
  const html = decodeCharset(body, page.contentType, MAX_PAGE_BYTES);
  if (html === undefined) return [];
  const found = linksOf(html).filter(
    ({ rel = '', type = '' }) => /\balternate\b/i.test(rel) && FEED_TYPES.test(type),
  );
  const articles = found.filter((link) => !isCommentsFeed(link));
  const urls = (articles.length > 0 ? articles : found).flatMap(
    ({ href }) => absoluteUrl(href, page.url) ?? [],
  );
  return [...new Set(urls)].filter((url) => url !== page.url).slice(0, MAX_FEEDS);
}

type Link = Record<string, string>;

function linksOf(html: string): Link[] {
  const links: Link[] = [];
  sanitize(html, {
    allowedTags: [],
    transformTags: {
      link: (tagName, attribs) => {
        links.push(attribs);
        return { tagName, attribs };
      },
    },
  });
  return links;
}

function isCommentsFeed({ title = '', href = '' }: Link): boolean {
  return /comment/i.test(title) || /\/comments\//.test(href);
}
