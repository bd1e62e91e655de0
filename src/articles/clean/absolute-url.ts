const MAX_URL_CHARS = 2000;

/** An absolute http or https URL without credentials, or undefined. `base` may itself be missing or unusable. */
export function absoluteUrl(reference: string | undefined, base: string | undefined): string | undefined {
  const url = resolveUrl(reference, base);
  return url && (url.protocol === 'http:' || url.protocol === 'https:') ? url.href : undefined;
}

/** The address in a feed's link, which is often escaped once too often, broken over two lines, or begins with "www". */
export function repairedUrl(reference: string | undefined, base: string | undefined): string | undefined {
  const cleaned = reference
    ?.trim()
    .slice(0, 2 * MAX_URL_CHARS)
    .replaceAll('&amp;', '&')
    .replace(/\s*\n\s*/g, '')
    .replace(/^(?=www\.[\w-]+\.)/i, 'http://');
  return absoluteUrl(cleaned, base);
}

/** Like `absoluteUrl`, but mailto is a link too. */
export function absoluteLink(reference: string | undefined, base: string | undefined): string | undefined {
  const url = resolveUrl(reference, base);
  return url?.protocol === 'mailto:' ? url.href : absoluteUrl(reference, base);
}

/** A base to resolve against, itself relative to a wider one. An unusable base leaves the wider one standing. */
export function nestedBase(base: string | undefined, wider: string | undefined): string | undefined {
  return base === undefined ? wider : (absoluteUrl(base, wider) ?? wider);
}

function resolveUrl(reference: string | undefined, base: string | undefined): URL | undefined {
  const cleaned = reference?.trim();
  if (!cleaned || cleaned.length > MAX_URL_CHARS) return undefined;
  const wider = base !== undefined && URL.canParse(base) ? base : undefined;
  // "//cdn.example/a.png" is as good as absolute, even when nobody knows the page it stood on.
  const absolute = cleaned.startsWith('//') && wider === undefined ? `https:${cleaned}` : cleaned;
  if (!URL.canParse(absolute, wider)) return undefined;
  const url = new URL(absolute, wider);
  const usable = url.username === '' && url.password === '' && url.href.length <= MAX_URL_CHARS;
  return usable ? url : undefined;
}
