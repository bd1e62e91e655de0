import sanitize from 'sanitize-html';
import { absoluteUrl } from './absolute-url.js';
import { decodeFeed } from './decode-feed.js';

const FEED_TYPES = /^application\/((rss|atom|rdf)\+xml|feed\+json)$/i;
const MOST = 10;
const LONGEST_PAGE = 2_000_000;

/**
 * The feeds that a page names in its head, in its order: `<link rel="alternate" type="application/rss+xml" href>`
 * (RSS autodiscovery; WHATWG HTML section 4.6.7.2). Comment feeds come last, since nobody means them.
 */
export function discoverFeeds(body: Buffer, page: { url: string; contentType?: string }): string[] {
  const html = decodeFeed(body, page.contentType, LONGEST_PAGE);
  if (html === undefined) return [];
  const found = linksOf(html).filter(
    ({ rel = '', type = '' }) => /\balternate\b/i.test(rel) && FEED_TYPES.test(type),
  );
  const urls = found
    .toSorted((one, other) => Number(isComments(one)) - Number(isComments(other)))
    .flatMap(({ href }) => absoluteUrl(href, page.url) ?? []);
  return [...new Set(urls)].filter((url) => url !== page.url).slice(0, MOST);
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

function isComments({ title = '', href = '' }: Link): boolean {
  return /comment/i.test(title) || /\/comments\//.test(href);
}
