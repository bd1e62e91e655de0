import type { Attributes, Tag } from 'sanitize-html';
import { absoluteUrl } from './absolute-url.js';
import { truncateAfterSentence, cleanLine } from './clean-text.js';

/** Marks what was no link until `separateLinks` has found its place: cleaned text has no such character. */
const MEDIA_LINK_MARK = '\u0001';

/**
 * For an iframe, a video or an audio element: a link to what was embedded. Without a usable address a frame stays a frame,
 * which the sanitiser drops; a film gives way to what stands in it for browsers that show no films.
 */
export function linkToMedia(
  tagName: string,
  { src, 'data-src': lazySrc, title = '' }: Attributes,
  baseUrl: string | undefined,
): Tag {
  const url = absoluteUrl(lazySrc ?? src, baseUrl);
  if (!url) return { tagName: tagName === 'iframe' ? tagName : 'div', attribs: {} };
  const page = playerPage(new URL(url));
  return markedLink(page.href, linkText(title, page));
}

/** A link to something that mails do not show. */
export function markedLink(href: string, text: string): Tag {
  return { tagName: 'a', attribs: { href, title: MEDIA_LINK_MARK }, text };
}

/** What players call themselves where nobody gave them a title. */
const GENERIC_PLAYER_TITLE =
  /^(?:(?:youtube|vimeo|video|audio|media|embedded|html5?)[ -]?)*(?:video|player|content|iframe|embed)?$/i;

/** Its title and where it leads, or only that: words of ours would be in one language only. */
function linkText(title: string, { hostname }: URL): string {
  const host = hostname.replace(/^www\./, '');
  const own = truncateAfterSentence(cleanLine(title), 150);
  return GENERIC_PLAYER_TITLE.test(own) ? host : `${own} (${host})`;
}

const MEDIA_LINK = new RegExp(`<a href="([^"]*)" title="${MEDIA_LINK_MARK}">([^<]*)</a>`, 'g');
const MEDIA_LINKS = new RegExp(`${MEDIA_LINK.source}(?:\\s*${MEDIA_LINK.source})*`, 'g');
const AFTER_BLOCK =
  /(?:^|<(?:div|blockquote|figure|li|td|dd)(?: [^<>]*)?>|<\/(?:p|div|blockquote|figure|figcaption|h[1-6]|[uod]l|table|pre)>|<hr \/>)$/;
const BEFORE_BLOCK =
  /^(?:$|<(?:p|div|blockquote|figure|figcaption|h[1-6]|[uod]l|table|pre|hr)[ >]|<\/(?:div|blockquote|figure|li|td|dd)>)/;

/**
 * A film link between blocks becomes a paragraph. Inside text it gets spaces around it. Inside another link only its words
 * stay.
 */
export function placeMediaLinks(html: string): string {
  return html.replace(MEDIA_LINKS, (films: string, ...rest: unknown[]) => {
    const at = rest.find((one) => typeof one === 'number') ?? 0;
    const before = html.slice(Math.max(0, at - 3000), at);
    const after = html.slice(at + films.length, at + films.length + 300);
    const names = Array.from(films.matchAll(MEDIA_LINK), ([, , name = '']) => name);
    if (before.lastIndexOf('<a ') > before.lastIndexOf('</a>')) return names.join(' ');
    const links = Array.from(
      films.matchAll(MEDIA_LINK),
      ([, href = '', name = '']) => `<a href="${href}">${name}</a>`,
    );
    if (AFTER_BLOCK.test(before.trimEnd()) && BEFORE_BLOCK.test(after.trimStart()))
      return links.map((link) => `<p>${link}</p>`).join('');
    const lead = /(?:<p(?: [^<>]*)?>|\s)$/.test(before) ? '' : ' ';
    return `${lead}${links.join(' ')}${/^(?:<\/p>|\s)/.test(after) ? '' : ' '}`;
  });
}

/** The page to open instead of the frame to embed, for the players that blogs embed most. */
function playerPage(url: URL): URL {
  const embedded = /(?:^|\.)embedly\.com$/.test(url.hostname) ? url.searchParams.get('url') : null;
  if (embedded !== null && /^https?:\/\//.test(embedded) && URL.canParse(embedded)) return new URL(embedded);
  const [, player, id] = /^\/(embed|video)\/([\w-]+)/.exec(url.pathname) ?? [];
  if (player === 'embed' && /^www\.youtube(-nocookie)?\.com$/.test(url.hostname)) {
    return new URL(`https://www.youtube.com/watch?v=${id}`);
  }
  if (player === 'video' && url.hostname === 'player.vimeo.com') return new URL(`https://vimeo.com/${id}`);
  return url;
}
