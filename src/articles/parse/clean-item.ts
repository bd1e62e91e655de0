import type { RawItem, FeedItem } from './feed-item.js';
import { absoluteUrl } from '../clean/absolute-url.js';
import { formatRank } from '../clean/image-format.js';
import { looksProtected } from '../clean/protected-post.js';
import { sanitiseHtml } from '../clean/sanitise.js';
import { markupToHtml, markupToLine } from './markup.js';
import { truncateAfterSentence, cleanLine } from '../clean/clean-text.js';
import { truncateText } from '../../platform/text/truncate.js';
import { openingText, MAX_SUMMARY_CHARS } from '../clean/excerpt.js';
import { resolveZone, type ZoneHints } from './clock-zone.js';
import { createHash } from 'node:crypto';

const MAX_ID_CHARS = 500;

const MAX_TITLE_CHARS = 300;

const MAX_LIST_ITEMS = 30;

const MAX_NAME_CHARS = 100;

/** Clean one item. Undefined when nothing is in it. One that only says who, when or which it is has that for a title. */
export function toFeedItem(raw: RawItem, hints: ZoneHints): FeedItem | undefined {
  const url = absoluteUrl(raw.link, raw.linkBase);
  const html = markupToHtml(raw.content ?? raw.summary);
  const contentHtml = sanitiseHtml(html, raw.contentBase ?? url ?? raw.linkBase);
  const summary = summarise(raw, contentHtml);
  const ownTitle = truncateAfterSentence(markupToLine(raw.title), MAX_TITLE_CHARS);
  const authors = cleanNames(raw.authors);
  const categories = cleanNames(raw.categories);
  const image = findImage(raw, contentHtml);
  const dates = datesOf(raw, hints);
  const title =
    ownTitle ||
    truncateAfterSentence(summary, 80) ||
    [
      url,
      raw.givenLink,
      raw.id,
      image,
      authors[0],
      categories[0],
      dates.publishedAt?.toISOString().slice(0, 10),
    ]
      .map((text) => truncateText(cleanLine(text ?? ''), MAX_TITLE_CHARS))
      .find((text) => text !== '');
  if (title === undefined) return undefined;
  return {
    externalId: externalIdOf(raw, url, ownTitle || contentHtml ? [ownTitle, contentHtml] : [title]),
    ...(url !== undefined && cleanLine(raw.id ?? '') === '' ? { idIsUrl: true } : {}),
    url,
    ...(hasStrayLink(raw, url) ? { hasStrayLink: true } : {}),
    title,
    // A note without a title has its words for one: they are not said twice.
    summary: summary === title ? '' : summary,
    contentHtml,
    authors,
    image,
    categories,
    ...dates,
    ...(looksProtected({ title, summary, html }) && { isProtected: true }),
  };
}

function datesOf({ published, updated }: RawItem, hints: ZoneHints) {
  const first = published ?? updated;
  const { at: publishedAt, unsureZone } = first === undefined ? {} : resolveZone(first, hints);
  const updatedAt = updated && resolveZone(updated, hints).at;
  return {
    publishedAt,
    ...(unsureZone !== undefined && { unsureZone }),
    ...(first?.isDayOnly && { isDayOnly: true }),
    updatedAt,
  };
}

const RELATIVE_LINK = /<(?:a|img)\b[^<>]*\s(?:href|src)\s*=\s*["']?(?![a-z][a-z\d+.-]*:|\/\/|#|["'\s>])/i;

/** Its own link, or one in its text, that nothing is known for to resolve it against. */
function hasStrayLink(
  { givenLink, content, summary, contentBase, linkBase }: RawItem,
  url: string | undefined,
): boolean {
  if (url === undefined && givenLink !== undefined && !URL.canParse(givenLink))
    return cleanLine(givenLink) !== '';
  const base = contentBase ?? url ?? linkBase;
  return absoluteUrl('/', base) === undefined && RELATIVE_LINK.test((content ?? summary)?.text ?? '');
}

/** The feed's own summary where it says something, else the beginning of the content. */
function summarise({ summary, content }: RawItem, contentHtml: string): string {
  const own = content && summary ? openingText(sanitiseHtml(markupToHtml(summary), undefined)) : '';
  return truncateAfterSentence(removeContinueReading(own || openingText(contentHtml)), MAX_SUMMARY_CHARS);
}

const CONTINUE_READING =
  /(?:\s|\[?(?:…|\.\.\.|&hellip;)\]?)*(?:Continue reading(?:\s.{0,200})?|(?<=^|[.!?…\]]\s*)Read (?:more|on|the rest|the full|full article)(?:\s[^.!?]{0,100})?)$/u;

/** What WordPress appends when it cuts: "[…]", "Continue reading Title →", "Read full article". */
function removeContinueReading(text: string): string {
  const shorter = text.replace(CONTINUE_READING, '…').replace(/\s*\[(?:…|\.\.\.)\]\s*$/u, '…');
  // A sentence that is whole needs no dots.
  return shorter === text ? text : shorter.replace(/([.!?]["'”’»)]*)…$/u, '$1');
}

function externalIdOf({ id, givenLink }: RawItem, url: string | undefined, words: string[]): string {
  const own = cleanLine(id ?? '') || url || cleanLine(givenLink ?? '') || undefined;
  if (own !== undefined && own.length <= MAX_ID_CHARS) return own;
  const hash = createHash('sha256').update(own ?? words.join('\n'));
  return `sha256:${hash.digest('hex')}`;
}

function findImage({ images, linkBase }: RawItem, contentHtml: string): string | undefined {
  const [best] = images
    .flatMap((image) => absoluteUrl(image, linkBase) ?? [])
    .filter((url) => mayBeInMail(url, linkBase))
    .toSorted((a, b) => formatRank(a) - formatRank(b));
  return best ?? firstImage(contentHtml);
}

/**
 * Mails load nothing over plain http; only of a feed on this computer, the demo's, the pictures are on it, too. Browsers trust
 * such addresses likewise (W3C Secure Contexts, section 3.1).
 */
function mayBeInMail(url: string, feedUrl: string | undefined): boolean {
  if (url.startsWith('https:')) return true;
  const { hostname, origin } = new URL(url);
  const isLoopback = ['localhost', '127.0.0.1', '[::1]'].includes(hostname);
  return isLoopback && feedUrl !== undefined && URL.canParse(feedUrl) && new URL(feedUrl).origin === origin;
}

/** The author's face, and the icon of a site. */
const NO_ARTICLE_IMAGE = /\bgravatar\.com\/avatar|\/avatars?\/|\/favicon\b|\.ico(?:[?#]|$)/i;

/** Half the width of a mail. */
const LARGE_WIDTH_PX = 300;

/**
 * The first picture of the text that may be one of the article, not a face, an icon or a small ornament: one that is known
 * to be large, else one that may be.
 */
function firstImage(contentHtml: string): string | undefined {
  const pictures = Array.from(contentHtml.matchAll(/<img src="([^"]*)"[^>]*>/g), ([tag, src = '']) => {
    const width = / width="(\d+)"/.exec(tag)?.[1];
    return { src: src.replaceAll('&amp;', '&'), width: width === undefined ? undefined : Number(width) };
  }).filter(({ src }) => !NO_ARTICLE_IMAGE.test(src));
  const large = pictures.find(({ width = 0 }) => width >= LARGE_WIDTH_PX);
  const unknown = pictures.find(({ width }) => width === undefined);
  return (large ?? unknown ?? pictures.find(({ width = 0 }) => width >= 100))?.src;
}

/** What is too long for a name is a list of them, and cut between two. */
function splitLongName(name: string): string[] {
  if (name.length <= MAX_NAME_CHARS) return [name];
  const separator = [/[;；]/, /[,，、]|\s(?:and|und|et|y|e|&)\s/].find((one) => one.test(name));
  if (separator === undefined) return [name];
  return name
    .split(new RegExp(separator, 'g'))
    .map((one) => one.replace(/^\s*(?:and|und|et|y|e|&)\s/, '').trim());
}

function cleanNames(names: (string | undefined)[]): string[] {
  const cleaned = names
    .slice(0, 200)
    .map((name) => markupToLine({ text: name ?? '', kind: 'html' }))
    .flatMap(splitLongName)
    .map((name) => truncateAfterSentence(name, MAX_NAME_CHARS));
  return [...new Set(cleaned.filter((name) => name !== ''))].slice(0, MAX_LIST_ITEMS);
}
