import type { Attributes, Tag } from 'sanitize-html';
import { absoluteUrl } from './absolute-url.js';

/** For an iframe, a video or an audio element: a link to what was embedded. Without a usable address a frame stays what it is, and is not allowed; a film gives way to what stands in it for browsers that show no films. */
export function linkToFilm(
  tagName: string,
  { src, 'data-src': lazySrc }: Attributes,
  baseUrl: string | undefined,
): Tag {
  const url = absoluteUrl(lazySrc ?? src, baseUrl);
  if (!url) return { tagName: tagName === 'iframe' ? tagName : 'div', attribs: {} };
  const page = watchPage(new URL(url));
  const verb = tagName === 'audio' ? 'Listen' : 'Watch';
  return {
    tagName: 'a',
    attribs: { href: page.href },
    text: `${verb}: ${page.hostname.replace(/^www\./, '')}`,
  };
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
