import { formatRank } from './image-format.js';

type Attributes = Record<string, string>;

/** One of the files that an image can be shown from; `address` may be relative. */
export type ImageCandidate = {
  address: string;
  /** See `formatRank`. */
  rank: number;
  /** It stands for the picture until that has come. */
  isPreview: boolean;
  /** Of the `<source>` that it comes from. */
  size: { width?: string; height?: string };
};

/** The body of a mail is this wide, in CSS pixels. */
export const MAIL_WIDTH_PX = 600;

/** A file narrower than this is a preview. */
const MIN_WIDTH_PX = 160;

/** Names of attributes in which scripts for lazy loading keep the address; for names that end in `src` see `isLazyName`. */
const LAZY_NAME = /lazy|original(?!-file)|echo|actual/;
const SAME_PICTURE_NAME = /orig|full|large|hi-?res|retina|image|media|photo|picture|zoom/;
/** What is no file of this picture, or a small one. */
const OTHER_NAME =
  /low|lqip|tiny|thumb|blur|preview|placeholder|small|error|fallback|title|caption|desc|alt$|meta|name|class|size|width|height|style|type|count|link|href/;
const PICTURE_ADDRESS = /^[^\s{}<>"|]+\.(?:jpe?g|jfif|png|gif|webp|avif)(?:[?#][^\s{}<>"]*)?$/i;

/**
 * All files that an `<img>` and the `<source>` elements of its `<picture>` offer, best first: wide enough, then in a format
 * that every mail program shows, then in the order in which a browser with scripts would have come to them.
 */
export function listImageCandidates(
  attributes: Attributes,
  sources: readonly Attributes[],
): ImageCandidate[] {
  const named = Object.entries(attributes).map(([name, value]) => [name.toLowerCase(), value] as const);
  const lazy = named.filter(([name, value]) => isLazyName(name) && mayBeAddress(value));
  const same = named.filter(([name, value]) => isSamePictureName(name) && PICTURE_ADDRESS.test(value));
  const lazySets = named.filter(([name]) => name !== 'srcset' && name.endsWith('srcset'));
  const { src = '', srcset = '' } = attributes;
  const isPreview = (lazy.length > 0 || lazySets.length > 0) && PREVIEW.test(src);
  const candidates = [
    ...lazy.map(([, value]) => candidate(fillWidth(value))),
    { ...candidate(src), isPreview },
    ...lazySets.flatMap(([, value]) => readSrcset(value)),
    ...readSrcset(srcset),
    ...sources.flatMap(readSource),
    ...same.map(([, value]) => candidate(value)),
  ];
  return candidates
    .filter(({ address }) => address !== '' && !/^data:/i.test(address))
    .toSorted((a, b) => Number(a.isPreview) - Number(b.isPreview) || a.rank - b.rank);
}

function isLazyName(name: string): boolean {
  if (name === 'src' || name.endsWith('srcset') || OTHER_NAME.test(name)) return false;
  return /(?:^|[-_])[a-z]*src(?:[-_](?:retina|large|full|webp|\dx))?$/.test(name) || LAZY_NAME.test(name);
}

function isSamePictureName(name: string): boolean {
  return (
    !isLazyName(name) && !name.endsWith('srcset') && SAME_PICTURE_NAME.test(name) && !OTHER_NAME.test(name)
  );
}

/** `data-lazy="true"` and `data-src="42"` are none. */
function mayBeAddress(value: string): boolean {
  const text = fillWidth(value);
  return PICTURE_ADDRESS.test(text) || /^(?:https?:)?\/[^\s{}<>"]+$/i.test(text);
}

/** Shopify's scripts put the width in. */
function fillWidth(address: string): string {
  return address.trim().replace('{width}', String(MAIL_WIDTH_PX));
}

/** Small or blurred, judged by the address: shown until the file of a lazy attribute has come. */
const PREVIEW =
  /(?:blur|lqip|tiny|thumb|small|low|placeholder|preview|loading|loader|lazy|spinner)[^/]*$|-\d{1,2}x\d{1,2}\.\w+(?:[?#]|$)|[?&](?:w|width)=\d{1,2}(?:&|#|$)|\/w_\d{1,2}[,/]/i;

function candidate(address: string, type?: string): ImageCandidate {
  const text = address.trim();
  return { address: text, rank: formatRank(text, type), isPreview: false, size: {} };
}

function readSource(source: Attributes): ImageCandidate[] {
  const { type, width, height, src = '' } = source;
  const size = { ...(width && { width }), ...(height && { height }) };
  const sets = Object.entries(source).flatMap(([name, value]) => (/srcset$/i.test(name) ? [value] : []));
  return [...sets.flatMap((srcset) => readSrcset(srcset, type)), candidate(src, type)].map((one) => ({
    ...one,
    size,
  }));
}

/** First the narrowest that fills a mail, then the others, the widest first; in their order where none tells its width. */
function readSrcset(srcset: string, type?: string): ImageCandidate[] {
  const offers = srcset.slice(0, 8000).split(/,\s+|(?<=\d[wx]),/);
  const sized = offers.map((offer) => {
    const [address = '', size = ''] = offer.trim().split(/\s+/);
    const width = size.endsWith('w') ? Number.parseInt(size, 10) || 0 : 0;
    return { width, offered: { ...candidate(address, type), isPreview: width > 0 && width < MIN_WIDTH_PX } };
  });
  const fit = (width: number) => (width >= MAIL_WIDTH_PX ? 1 / width : width - MAIL_WIDTH_PX);
  return sized.toSorted((a, b) => fit(b.width) - fit(a.width)).map(({ offered }) => offered);
}
