import { escapeHtml } from '../text/escape-html.js';
import { bidiIsolate } from '../text/bidi-isolate.js';
import { domainOf, withUnicodeDomain } from '../mail/address.js';

type NamedValue = [name: string, value: string | number | null];

/**
 * Makes a value that is a mail address readable: the reader's own (`email`, `old`) with its domain in U-labels. The address of
 * somebody else (`other`) has its A-labels beside it, since letters of another script may look like those of a name she trusts.
 */
export function toReadableValue([name, value]: NamedValue, locale: string): NamedValue {
  if (typeof value !== 'string' || !['email', 'old', 'other'].includes(name)) return [name, value];
  const letters = withUnicodeDomain(value);
  if (letters === value) return [name, value];
  return [name, bidiIsolate(letters, locale) + (name === 'other' ? ` (${domainOf(value)})` : '')];
}

/** A publisher's contact as HTML: a mail address or a URL becomes a link, any other text stays text. */
export function contactLinkHtml(contact: string): string {
  const shown = escapeHtml(contact);
  if (/^https?:\/\/\S+$/i.test(contact)) return `<a href="${shown}">${shown}</a>`;
  const [, local, domain] = /^([^\s@<>]+)@([^\s@<>]+)$/.exec(contact) ?? [];
  if (local === undefined || domain === undefined) return shown;
  // Characters with a meaning in the URL are percent-encoded (RFC 6068 section 2).
  return `<a href="mailto:${escapeHtml(`${encodeURIComponent(local)}@${encodeURI(domain)}`)}">${shown}</a>`;
}

/** What `maskAddress` makes, also with isolates around it. */
const MASKED = /^\P{L}*?(.?)•+@([^\u2069]+)/u;

/**
 * A masked address as HTML: dots for the eye, words for a screen reader. Undefined for any other text.
 * @param say the words for its first character and its domain
 */
export function maskedAddressHtml(
  text: string,
  say: (first: string, domain: string) => string,
): string | undefined {
  const [, first, domain] = MASKED.exec(text) ?? [];
  if (first === undefined || domain === undefined) return undefined;
  const words = escapeHtml(say(first, domain));
  return `<span aria-hidden="true">${escapeHtml(text)}</span><span class="hidden">${words}</span>`;
}
