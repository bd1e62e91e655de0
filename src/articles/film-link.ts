import type { Attributes, Tag } from 'sanitize-html';
import { absoluteUrl } from './absolute-url.js';
import { cutText, foldText } from './clean-text.js';

/** Marks what was no link until `separateLinks` has found its place: cleaned text has no such character. */
const MARK = '\u0001';

/** For an iframe, a video or an audio element: a link to what was embedded. Without a usable address a frame stays what it is, and is not allowed; a film gives way to what stands in it for browsers that show no films. */
export function linkToFilm(
  tagName: string,
  { src, 'data-src': lazySrc, title = '' }: Attributes,
  baseUrl: string | undefined,
): Tag {
  const url = absoluteUrl(lazySrc ?? src, baseUrl);
  if (!url) return { tagName: tagName === 'iframe' ? tagName : 'div', attribs: {} };
  const page = watchPage(new URL(url));
  return linkInstead(page.href, nameOf(title, page));
}

/** A link to something that mails do not show. */
export function linkInstead(href: string, text: string): Tag {
  return { tagName: 'a', attribs: { href, title: MARK }, text };
}

/** What players call themselves where nobody gave them a title. */
const NO_TITLE =
  /^(?:(?:youtube|vimeo|video|audio|media|embedded|html5?)[ -]?)*(?:video|player|content|iframe|embed)?$/i;

/** Its title and where it leads, or only that: words of ours would be in one language only. */
function nameOf(title: string, { hostname }: URL): string {
  const host = hostname.replace(/^www\./, '');
  const own = cutText(foldText(title), 150);
  return NO_TITLE.test(own) ? host : `${own} (${host})`;
}

const FILM = new RegExp(`<a href="([^"]*)" title="${MARK}">([^<]*)</a>`, 'g');
const FILMS = new RegExp(`${FILM.source}(?:\\s*${FILM.source})*`, 'g');
const AFTER_BLOCK =
  /(?:^|<(?:div|blockquote|figure|li|td|dd)(?: [^<>]*)?>|<\/(?:p|div|blockquote|figure|figcaption|h[1-6]|[uod]l|table|pre)>|<hr \/>)$/;
const BEFORE_BLOCK =
  /^(?:$|<(?:p|div|blockquote|figure|figcaption|h[1-6]|[uod]l|table|pre|hr)[ >]|<\/(?:div|blockquote|figure|li|td|dd)>)/;

/**
 * A film link between blocks becomes a paragraph. Inside text it gets spaces around it. Inside another link only its words
 * stay.
 */
export function separateLinks(html: string): string {
  return html.replace(FILMS, (films: string, ...rest: unknown[]) => {
    const at = rest.find((one) => typeof one === 'number') ?? 0;
    const before = html.slice(Math.max(0, at - 3000), at);
    const after = html.slice(at + films.length, at + films.length + 300);
    const names = Array.from(films.matchAll(FILM), ([, , name = '']) => name);
    if (before.lastIndexOf('<a ') > before.lastIndexOf('</a>')) return names.join(' ');
    const links = Array.from(
      films.matchAll(FILM),
      ([, href = '', name = '']) => `<a href="${href}">${name}</a>`,
    );
    if (AFTER_BLOCK.test(before.trimEnd()) && BEFORE_BLOCK.test(after.trimStart()))
      return links.map((link) => `<p>${link}</p>`).join('');
    const lead = /(?:<p(?: [^<>]*)?>|\s)$/.test(before) ? '' : ' ';
    return `${lead}${links.join(' ')}${/^(?:<\/p>|\s)/.test(after) ? '' : ' '}`;
  });
}

/** The page to open instead of the frame to embed, for the two players that blogs embed most. */
function watchPage(url: URL): URL {
  const [, player, id] = /^\/(embed|video)\/([\w-]+)/.exec(url.pathname) ?? [];
  if (player === 'embed' && /^www\.youtube(-nocookie)?\.com$/.test(url.hostname)) {
    return new URL(`https://www.youtube.com/watch?v=${id}`);
  }
  if (player === 'video' && url.hostname === 'player.vimeo.com') return new URL(`https://vimeo.com/${id}`);
  return url;
}
