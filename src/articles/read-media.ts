import { childrenOf, type XmlNode } from './xml-node.js';

type Picture = { url?: string; type?: string; medium?: string };

/** Pictures of Media RSS, the widest first, whole pictures before thumbnails. */
export function mediaImages(item: XmlNode): (string | undefined)[] {
  const groups = childrenOf(item, 'media:group');
  const contents = [item, ...groups].flatMap((part) => childrenOf(part, 'media:content'));
  const thumbnails = [item, ...groups, ...contents].flatMap((part) => childrenOf(part, 'media:thumbnail'));
  const pictures = contents.filter(({ attributes }) => isPicture(attributes));
  return [...widestFirst(pictures), ...widestFirst(thumbnails)].map(({ attributes }) => attributes['url']);
}

/** Enclosures that are pictures. */
export function enclosedImages(enclosures: Picture[]): (string | undefined)[] {
  return enclosures.filter(isPicture).map(({ url }) => url);
}

function isPicture({ medium, type, url }: Picture): boolean {
  // WordPress offers the author's face as if it were a picture of the article.
  if (/gravatar\.com\/avatar/.test(url ?? '')) return false;
  if (medium !== undefined) return /^image$/i.test(medium);
  if (type?.includes('/')) return /^image\//i.test(type);
  return /\.(?:jpe?g|png|gif|webp|avif)(?:\?|$)/i.test(url ?? '');
}

function widestFirst(pictures: XmlNode[]): XmlNode[] {
  return pictures.toSorted((a, b) => widthOf(b) - widthOf(a));
}

function widthOf({ attributes }: XmlNode): number {
  return Number.parseInt(attributes['width'] ?? '0', 10) || 0;
}
