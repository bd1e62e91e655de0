import { absoluteUrl } from './absolute-url.js';
import { isHidden } from './boilerplate.js';
import { listImageCandidates, MAIL_WIDTH_PX, type ImageCandidate } from './image-candidates.js';

export type ResolvedImage =
  | { kind: 'image'; attributes: Record<string, string> }
  | { kind: 'emoji'; text: string }
  | { kind: 'link'; href: string; text: string }
  | { kind: 'none' };

/** Pictures that nobody is meant to see, by where they come from. */
const TRACKERS = new RegExp(
  '^https?:\\/\\/(?:' +
    [
      'feeds\\.feedburner\\.com\\/~|feeds\\.feedblitz\\.com\\/_\\/|feeds\\.wordpress\\.com\\/1\\.0\\/|(?:[\\w-]+\\.)*feedsportal\\.com\\/',
      '(?:pixel|stats|b\\.stats)\\.(?:wp|wordpress)\\.com\\/|[^/]*medium\\.com\\/_\\/stat|blogger\\.googleusercontent\\.com\\/tracker\\/',
      '(?:[\\w-]+\\.)*(?:google-analytics|doubleclick|googlesyndication|quantserve|scorecardresearch|chartbeat|statcounter)\\.(?:com|net)\\/',
      '(?:www\\.)?facebook\\.com\\/tr\\b|px\\.ads\\.linkedin\\.com\\/|bat\\.bing\\.com\\/|(?:[\\w-]+\\.)*list-manage\\.com\\/track\\/',
      '[^/]+\\/(?:[^?#]*\\/)?(?:wf\\/open|track\\/open|(?:matomo|piwik)\\.php|o\\.gif|open\\.gif|pixel\\.gif)(?:[?#/]|$)',
    ].join('|') +
    ')',
  'i',
);

/** What a page shows until the picture has come, or where there is none. */
const PLACEHOLDERS =
  /\/(?:spacer|blank|pixel|transparent|clear|1x1|lazy[-_]?placeholder|placeholder)\.(?:gif|png|svg)(?:[?#]|$)/i;

/**
 * What an `<img>` of a feed really shows: of all files that it and the sources of its `<picture>` offer the one that most mail
 * programs can show, also behind the placeholder of lazy loading; a smiley as its character; nothing for trackers and `data:`
 * images. What is not on https is a link to it where it has words. Width is held to the body of a mail.
 */
export function resolveImage(
  attributes: Record<string, string>,
  sources: readonly Record<string, string>[],
  baseUrl: string | undefined,
): ResolvedImage {
  const alt = attributes['alt'] ?? '';
  if (isSmiley(attributes)) return alt === '' ? { kind: 'none' } : { kind: 'emoji', text: alt };
  if (isLinkCardIcon(attributes)) return { kind: 'none' };
  const chosen = chooseCandidate(listImageCandidates(attributes, sources), baseUrl);
  if (chosen === undefined) return { kind: 'none' };
  const { src, size } = chosen;
  if (isTracker(src, attributes)) return { kind: 'none' };
  if (!src.startsWith('https:'))
    return alt.trim() === '' ? { kind: 'none' } : { kind: 'link', href: src, text: alt };
  const title = attributes['title'];
  const shown = readSize({ ...size, ...attributes });
  return { kind: 'image', attributes: { src, alt, ...(title && { title }), ...shown } };
}

function isSmiley(attributes: Record<string, string>): boolean {
  return /(?:^|\s)(?:wp-smiley|emoji|emojione)(?:\s|$)/.test(attributes['class'] ?? '');
}

/** The icon of the other site on Ghost's card of a link. */
function isLinkCardIcon(attributes: Record<string, string>): boolean {
  return /(?:^|\s)kg-bookmark-icon(?:\s|$)/.test(attributes['class'] ?? '');
}

function chooseCandidate(candidates: readonly ImageCandidate[], baseUrl: string | undefined) {
  const files = candidates.flatMap((candidate) => {
    const src = absoluteUrl(candidate.address, baseUrl);
    return src === undefined || PLACEHOLDERS.test(src) ? [] : [{ ...candidate, src }];
  });
  return files.find(({ src }) => src.startsWith('https:')) ?? files[0];
}

function isTracker(src: string, { width, height, style }: Record<string, string>): boolean {
  if ([width, height].some((size) => size !== undefined && /^[01](?:px)?$/.test(size.trim()))) return true;
  if (isHidden(style) || /(?:^|;)\s*(?:width|height)\s*:\s*[01]px/i.test((style ?? '').slice(0, 1000)))
    return true;
  return TRACKERS.test(src);
}

function readSize(attributes: Record<string, string>): Record<string, string> {
  const style = (attributes['style'] ?? '').slice(0, 1000);
  const width = readPixels(attributes['width']) ?? readPixels(/(?:^|;)\s*width\s*:([^;]+)/i.exec(style)?.[1]);
  const height = readPixels(attributes['height']);
  if (width === undefined) return {};
  const shown = Math.min(width, MAIL_WIDTH_PX);
  const scaled = height === undefined ? undefined : Math.max(2, Math.round((height * shown) / width));
  return { width: String(shown), ...(scaled !== undefined && { height: String(scaled) }) };
}

function readPixels(value: string | undefined): number | undefined {
  const match = /^\s*(\d{1,5})(?:px)?\s*$/.exec(value ?? '');
  return match ? Number(match[1]) : undefined;
}
