/** What addresses, media types and image servers call the formats that every mail program shows. */
const SHOWN = /^(?:jpe?g|jpe|jfif|pjpg|png|apng|gif)$/;

/** Formats that some mail programs show and others do not: Outlook for Windows shows none of them. */
const NOT_SHOWN = /^(?:webp|avif|avifs|jxl|heic|heif|svg|svgz|svg\+xml|bmp|tiff?|jp2|ico)$/;

const NAME = '([a-z][a-z0-9+]{2,7})';

/** Where image servers say the format they answer with, the surest first: a parameter, a part of the path, the end of it. */
const PLACES = [
  new RegExp(`[?&](?:fm|format|f|output|ext|imageformat|wx_fmt|tp)=${NAME}(?=&|#|$)`, 'i'),
  new RegExp(`/(?:[^/]*[,;])?f(?:ormat)?[_=:]${NAME}(?=[,;/])`, 'i'),
  new RegExp(`^[^?#]*[.@]${NAME}(?=[?#]|$)`, 'i'),
];

/**
 * 0 for a picture in a format that every mail program shows (JPEG, PNG, GIF), 1 where the format is not known, 2 for the rest.
 * @param type its media type, which says more than its address
 */
export function formatRank(url: string, type?: string): 0 | 1 | 2 {
  const [, subtype] = /^\s*image\/([\w+.-]+)/i.exec(type ?? '') ?? [];
  const names = [subtype, ...PLACES.map((place) => place.exec(url)?.[1])].map((name = '') =>
    name.toLowerCase(),
  );
  const format = names.find((name) => SHOWN.test(name) || NOT_SHOWN.test(name));
  if (format === undefined) return 1;
  return SHOWN.test(format) ? 0 : 2;
}
