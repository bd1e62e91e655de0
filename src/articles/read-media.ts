import type { MediaNs } from 'feedsmith';

type Sized = { url?: string; width?: number };

/** Pictures of Media RSS, the widest first, whole pictures before thumbnails. */
export function mediaImages(media: MediaNs.ItemOrFeed | undefined): (string | undefined)[] {
  const groups = media?.groups ?? [];
  const contents = [...(media?.contents ?? []), ...groups.flatMap((group) => group.contents ?? [])];
  const thumbnails = [media, ...groups, ...contents].flatMap((part) => part?.thumbnails ?? []);
  return [...widestFirst(contents.filter(isPicture)), ...widestFirst(thumbnails)].map(({ url }) => url);
}

/** Enclosures that are pictures. */
export function enclosedImages(
  enclosures: { url?: string; type?: string }[] | undefined,
): (string | undefined)[] {
  return (enclosures ?? []).filter(isPicture).map(({ url }) => url);
}

function isPicture({ medium, type, url }: { medium?: string; type?: string; url?: string }): boolean {
  // WordPress offers the author's face as if it were a picture of the article.
  if (/gravatar\.com\/avatar/.test(url ?? '')) return false;
  if (medium !== undefined) return medium === 'image';
  if (type !== undefined) return type.startsWith('image/');
  return /\.(?:jpe?g|png|gif|webp|avif)(?:\?|$)/i.test(url ?? '');
}

function widestFirst<T extends Sized>(pictures: T[]): T[] {
  return pictures.toSorted((a, b) => (b.width ?? 0) - (a.width ?? 0));
}
