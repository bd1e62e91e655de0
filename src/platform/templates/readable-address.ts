import { escapeHtml } from '../text/escape-html.js';
import { bidiIsolate } from '../text/bidi-isolate.js';
import { domainOf, withUnicodeDomain } from '../mail/address.js';

type NamedValue = [name: string, value: string | number | null];

/**
 * A value of a sentence as people read it: her own addresses (`email`, `old`) as she writes them. That of somebody
 * `other` has the A-labels beside it: letters of another script may look like the ones of a name she trusts.
 */
export function toReadableValue([name, value]: NamedValue, locale: string): NamedValue {
  if (typeof value !== 'string' || !['email', 'old', 'other'].includes(name)) return [name, value];
  const letters = withUnicodeDomain(value);
  if (letters === value) return [name, value];
  return [name, bidiIsolate(letters, locale) + (name === 'other' ? ` (${domainOf(value)})` : '')];
}

/** How to reach a publisher, as HTML: an address or a page is a link, any other words are words. */
export function contactLinkHtml(contact: string): string {
  const shown = escapeHtml(contact);
  if (/^https?:\/\/\S+$/i.test(contact)) return `<a href="${shown}">${shown}</a>`;
  const [, local, domain] = /^([^\s@<>]+)@([^\s@<>]+)$/.exec(contact) ?? [];
  if (local === undefined || domain === undefined) return shown;
  // RFC 6068 section 2: what means something in the link is written by its number.
  return `<a href="mailto:${escapeHtml(`${encodeURIComponent(local)}@${encodeURI(domain)}`)}">${shown}</a>`;
}
