import { createHash } from 'node:crypto';
import { absoluteUrl } from './absolute-url.js';
import { cutText, foldText } from './clean-text.js';
import { openingText, SUMMARY_LENGTH } from './excerpt.js';
import { asHtml, markupTitle, type Markup } from './markup.js';
import { sanitiseHtml } from './sanitise.js';

/** One item of a feed, safe to store and show. `summary` is plain text of at most 300 UTF-16 units. */
export type FeedItem = {
  /** The same on every poll: the feed's own id, else the link, else a hash of title and content. */
  externalId: string;
  /** It has no id of its own: its page stands for one. */
  idIsPage?: boolean;
  url: string | undefined;
  title: string;
  summary: string;
  contentHtml: string;
  authors: string[];
  image: string | undefined;
  categories: string[];
  publishedAt: Date | undefined;
  updatedAt: Date | undefined;
};

/** Items are in the order of the feed. */
export type ParsedFeed = {
  title: string | undefined;
  siteUrl: string | undefined;
  description: string | undefined;
  language: string | undefined;
  /** Where it may be subscribed to (W3C WebSub), and the address it calls its own. */
  hub: string | undefined;
  self: string | undefined;
  items: FeedItem[];
};

/** What the reader of one format hands over: words as the feed has them, links still relative to `linkBase`. */
export type RawItem = {
  id: string | undefined;
  link: string | undefined;
  linkBase: string | undefined;
  title: Markup | undefined;
  summary: Markup | undefined;
  content: Markup | undefined;
  /** An xml:base in scope of the content; without one its links are relative to the article's own page. */
  contentBase: string | undefined;
  authors: (string | undefined)[];
  /** Best first. */
  images: (string | undefined)[];
  categories: (string | undefined)[];
  published: Date | undefined;
  updated: Date | undefined;
};

export type RawFeed = {
  title: Markup | undefined;
  siteUrl: string | undefined;
  description: Markup | undefined;
  language: string | undefined;
  hub: string | undefined;
  self: string | undefined;
  items: RawItem[];
};

const MAX_ID = 500;
const MAX_TITLE = 300;
const MAX_LIST = 30;
const MAX_NAME = 100;

/** Clean one item. Undefined when there is nothing to read and nowhere to go. */
export function toFeedItem(raw: RawItem): FeedItem | undefined {
  const url = absoluteUrl(raw.link, raw.linkBase);
  const contentHtml = sanitiseHtml(
    asHtml(raw.content ?? raw.summary),
    raw.contentBase ?? url ?? raw.linkBase,
  );
  const summary = summarise(raw, contentHtml);
  const ownTitle = cutText(markupTitle(raw.title), MAX_TITLE);
  const title = ownTitle || cutText(summary, 80) || cutText(url ?? '', MAX_TITLE);
  if (title === '') return undefined;
  return {
    externalId: externalId(raw, url, [ownTitle, contentHtml]),
    ...(url !== undefined && foldText(raw.id ?? '') === '' ? { idIsPage: true } : {}),
    url,
    title,
    summary,
    contentHtml,
    authors: nameList(raw.authors),
    image: findImage(raw, contentHtml),
    categories: nameList(raw.categories),
    publishedAt: raw.published ?? raw.updated,
    updatedAt: raw.updated,
  };
}

/** The feed's own summary where it says something, else the beginning of the content. */
function summarise({ summary, content }: RawItem, contentHtml: string): string {
  const own = content && summary ? openingText(sanitiseHtml(asHtml(summary), undefined)) : '';
  return cutText(withoutTeaser(own || openingText(contentHtml)), SUMMARY_LENGTH);
}

const TEASER =
  /(?:\s|\[?(?:…|\.\.\.|&hellip;)\]?)*(?:Continue reading(?:\s.{0,200})?|(?<=^|[.!?…\]]\s*)Read (?:more|on|the rest|the full|full article)(?:\s[^.!?]{0,100})?)$/u;

/** What WordPress appends when it cuts: "[…]", "Continue reading Title →", "Read full article". */
function withoutTeaser(text: string): string {
  const shorter = text.replace(TEASER, '…').replace(/\s*\[(?:…|\.\.\.)\]\s*$/u, '…');
  // A sentence that is whole needs no dots.
  return shorter === text ? text : shorter.replace(/([.!?]["'”’»)]*)…$/u, '$1');
}

function externalId({ id }: RawItem, url: string | undefined, words: string[]): string {
  const own = foldText(id ?? '') || url;
  if (own !== undefined && own.length <= MAX_ID) return own;
  const hash = createHash('sha256').update(own ?? words.join('\n'));
  return `sha256:${hash.digest('hex')}`;
}

function findImage({ images, linkBase }: RawItem, contentHtml: string): string | undefined {
  const urls = images.map((image) => absoluteUrl(image, linkBase));
  return urls.find((url) => url?.startsWith('https:')) ?? firstImage(contentHtml);
}

/** The author's face, and the icon of a site. */
const NO_PICTURE = /\bgravatar\.com\/avatar|\/avatars?\/|\/favicon\b|\.ico(?:[?#]|$)/i;

/** Half the width of a mail. */
const LARGE = 300;

/**
 * The first picture of the text that may be one of the article, not a face, an icon or a small ornament: one that is known
 * to be large, else one that may be.
 */
function firstImage(contentHtml: string): string | undefined {
  const pictures = Array.from(contentHtml.matchAll(/<img src="([^"]*)"[^>]*>/g), ([tag, src = '']) => {
    const width = / width="(\d+)"/.exec(tag)?.[1];
    return { src: src.replaceAll('&amp;', '&'), width: width === undefined ? undefined : Number(width) };
  }).filter(({ src }) => !NO_PICTURE.test(src));
  const large = pictures.find(({ width = 0 }) => width >= LARGE);
  const unknown = pictures.find(({ width }) => width === undefined);
  return (large ?? unknown ?? pictures.find(({ width = 0 }) => width >= 100))?.src;
}

function nameList(names: (string | undefined)[]): string[] {
  const cleaned = names
    .slice(0, 200)
    .map((name) => cutText(markupTitle({ text: name ?? '', kind: 'html' }), MAX_NAME));
  return [...new Set(cleaned.filter((name) => name !== ''))].slice(0, MAX_LIST);
}
