const IMAGE = String.raw`<img\b[^<>]{0,4000}>`;
const NOSCRIPT = String.raw`<noscript\b[^<>]{0,500}>((?:(?!</?noscript)[^]){0,4000})</noscript>`;
const AFTER_IMAGE = new RegExp(`${IMAGE}((?:\\s|</(?:picture|span|div)>){0,20})${NOSCRIPT}`, 'gi');
const BEFORE_IMAGE = new RegExp(`${NOSCRIPT}((?:\\s|<(?:span|div)(?: [^<>]{0,500})?>){0,20})${IMAGE}`, 'gi');

/**
 * Scripts for lazy loading leave the whole picture in a `<noscript>` beside a placeholder, sometimes only there. It takes the
 * place of the picture that it stands beside.
 * @param isImage whether some HTML, sanitised, is a picture: a tracker for browsers without scripts is none
 */
export function useNoscriptImages(html: string, isImage: (html: string) => boolean): string {
  if (!/<noscript\b/i.test(html)) return html;
  return html
    .replace(AFTER_IMAGE, (all: string, between: string, inner: string) =>
      isImage(inner) ? `${inner}${between}` : all,
    )
    .replace(BEFORE_IMAGE, (all: string, inner: string, between: string) =>
      isImage(inner) ? `${between}${inner}` : all,
    );
}
