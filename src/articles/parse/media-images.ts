import { childrenOf, type XmlNode } from './xml/node.js';

/** As wide as a digest shows it. */
const MIN_WIDTH_PX = 160;

type Enclosure = { url?: string; type?: string; medium?: string };

/** Pictures of Media RSS, the widest first, whole pictures before thumbnails. */
export function mediaRssImages(item: XmlNode): (string | undefined)[] {
  const groups = childrenOf(item, 'media:group');
  const contents = [item, ...groups].flatMap((part) => childrenOf(part, 'media:content'));
  const thumbnails = [item, ...groups, ...contents].flatMap((part) => childrenOf(part, 'media:thumbnail'));
  const pictures = contents.filter(({ attributes }) => isImage(attributes));
  // Blogger's is 72 pixels wide: any picture of the text is better.
  const large = thumbnails.filter((one) => widthOf(one) === 0 || widthOf(one) >= MIN_WIDTH_PX);
  return [...widestFirst(pictures), ...widestFirst(large)].map(({ attributes }) => attributes['url']);
}

/** Enclosures that are pictures. */
export function enclosureImages(enclosures: Enclosure[]): (string | undefined)[] {
  return enclosures.filter(isImage).map(({ url }) => url);
}

function isImage({ medium, type, url }: Enclosure): boolean {
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
