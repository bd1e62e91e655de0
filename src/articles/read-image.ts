import { absoluteUrl } from './absolute-url.js';
import { isHidden } from './boilerplate.js';

export type ReadImage =
  { kind: 'image'; attributes: Record<string, string> } | { kind: 'emoji'; text: string } | { kind: 'none' };

/** The body of a mail is this wide, in CSS pixels. */
const MAX_WIDTH = 600;

const LAZY = ['data-src', 'data-lazy-src', 'data-original', 'data-orig-src', 'data-hi-res-src'];

const TRACKERS = [
  /^https?:\/\/feeds\.feedburner\.com\/~/,
  /^https?:\/\/feeds\.feedblitz\.com\/_\//,
  /^https?:\/\/feeds\.wordpress\.com\/1\.0\//,
  /^https?:\/\/(?:pixel|stats)\.(?:wp|wordpress)\.com\//,
  /^https?:\/\/(?:www\.)?google-analytics\.com\//,
  /^https?:\/\/(?:[\w-]+\.)*doubleclick\.net\//,
  /^https?:\/\/[^/]*medium\.com\/_\/stat/,
  /^https?:\/\/(?:[\w-]+\.)*feedsportal\.com\//,
];

/**
 * What an `<img>` of a feed really shows: the picture behind a lazy-loading placeholder, a smiley as its character, or
 * nothing for trackers, `data:` images and anything not on https. Width is held to the body of a mail.
 */
export function readImage(attributes: Record<string, string>, baseUrl: string | undefined): ReadImage {
  const alt = attributes['alt'] ?? '';
  if (isSmiley(attributes)) return alt === '' ? { kind: 'none' } : { kind: 'emoji', text: alt };
  const src = findSource(attributes, baseUrl);
  if (!src || isTracker(src, attributes)) return { kind: 'none' };
  const title = attributes['title'];
  return { kind: 'image', attributes: { src, alt, ...(title && { title }), ...readSize(attributes) } };
}

function isSmiley(attributes: Record<string, string>): boolean {
  return /(?:^|\s)(?:wp-smiley|emoji|emojione)(?:\s|$)/.test(attributes['class'] ?? '');
}

function findSource(attributes: Record<string, string>, baseUrl: string | undefined): string | undefined {
  const candidates = [
    ...LAZY.map((name) => attributes[name]),
    attributes['src'],
    firstOf(attributes['srcset']),
  ];
  const urls = candidates.map((candidate) => absoluteUrl(candidate, baseUrl));
  return urls.find((url) => url?.startsWith('https:'));
}

function firstOf(srcset: string | undefined): string | undefined {
  return srcset?.trim().split(/\s/)[0]?.replace(/,$/, '');
}

function isTracker(src: string, { width, height, style }: Record<string, string>): boolean {
  if ([width, height].some((size) => size !== undefined && /^[01](?:px)?$/.test(size.trim()))) return true;
  if (isHidden(style) || /(?:^|;)\s*(?:width|height)\s*:\s*[01]px/i.test((style ?? '').slice(0, 1000)))
    return true;
  return TRACKERS.some((tracker) => tracker.test(src));
}

function readSize(attributes: Record<string, string>): Record<string, string> {
  const width = readPixels(attributes['width']);
  const height = readPixels(attributes['height']);
  if (width === undefined) return {};
  const shown = Math.min(width, MAX_WIDTH);
  const scaled = height === undefined ? undefined : Math.max(2, Math.round((height * shown) / width));
  return { width: String(shown), ...(scaled !== undefined && { height: String(scaled) }) };
}

function readPixels(value: string | undefined): number | undefined {
  const match = /^\s*(\d{1,5})(?:px)?\s*$/.exec(value ?? '');
  return match ? Number(match[1]) : undefined;
}
