import type { Liquid } from 'liquidjs';
import { cutWords } from './cut-words.js';
import { escapeHtml } from './escape-html.js';
import { isolated } from './isolated.js';
import { clockInWords, dayInWords, momentInWords, rangeInWords, type Words } from './locales.js';
import { contactLink, readable } from './shown-address.js';

type Tools = { words: Words; assetPath: (file: string) => string };
type Named = [name: string, value: string | number | null];

/**
 * What templates may do besides printing. `t` gives plain words and is escaped like any value; `t_rich` is for
 * sentences that carry markup of ours: its values are escaped here, once, and its result is printed as it is. `t_fit: 70`
 * is `t` in at most so many characters: its value `first` is cut at a word until all the others have room.
 * `t_contact` is for sentences with a way to the publisher in them: it is made a link. Values called `email`, `old` and `other` are addresses: people read their domains in letters, not in A-labels.
 */
export function registerFilters(liquid: Liquid, { words, assetPath }: Tools): void {
  liquid.registerFilter('t', function (key: string, ...named: Named[]) {
    const locale = localeOf(this.context);
    return words.t(locale, key, Object.fromEntries(named.map((each) => readable(each, locale))));
  });
  liquid.registerFilter('t_fit', function (key: string, most: number, ...named: Named[]) {
    return fitted((values) => words.t(localeOf(this.context), key, values), most, Object.fromEntries(named));
  });
  liquid.registerFilter('t_rich', {
    raw: true,
    handler(key: string, ...named: Named[]) {
      const locale = localeOf(this.context);
      const values = named.map((each) => escapeNamed(readable(each, locale)));
      return words.t(locale, key, Object.fromEntries(values));
    },
  });
  liquid.registerFilter('t_contact', {
    raw: true,
    handler(key: string, contact: string) {
      return words.t(localeOf(this.context), key, { contact: contactLink(contact) });
    },
  });
  liquid.registerFilter('cut_at', (text: string, most: number) => cutWords(text, most));
  liquid.registerFilter('isolated', function (text: string | null) {
    return isolated(text ?? '', localeOf(this.context));
  });
  liquid.registerFilter('asset', (file: string) => assetPath(file));
  liquid.registerFilter('web_url', webUrl);
  liquid.registerFilter('linked', { raw: true, handler: linked });
  registerLocalFilters(liquid);
}

/** Dates, numbers and lists as the reader's language writes them. A missing date prints nothing. */
function registerLocalFilters(liquid: Liquid): void {
  const dated = (name: string, say: typeof dayInWords) =>
    liquid.registerFilter(name, function (at: Moment, zone: string, locale?: string) {
      return at === null || at === undefined ? '' : say(new Date(at), zone, locale ?? localeOf(this.context));
    });
  dated('date_in', momentInWords);
  dated('day_in', dayInWords);
  dated('clock_in', clockInWords);
  liquid.registerFilter('range_in', function (from: Moment, to: Moment, zone: string) {
    return from && to ? rangeInWords(new Date(from), new Date(to), zone, localeOf(this.context)) : '';
  });
  liquid.registerFilter('number', function (value: number) {
    return new Intl.NumberFormat(localeOf(this.context)).format(value);
  });
  liquid.registerFilter('listed', function (values: string[] | null) {
    return new Intl.ListFormat(localeOf(this.context), { type: 'conjunction' }).format(values ?? []);
  });
}

type Moment = Date | string | number | null | undefined;

/** However long the rest is, this much of the first value stays. */
const LEAST_OF_FIRST = 20;

function fitted(
  say: (values: Record<string, string | number | null>) => string,
  most: number,
  values: Record<string, string | number | null>,
): string {
  const rest = say({ ...values, first: '' }).length;
  return say({ ...values, first: cutWords(String(values['first']), Math.max(most - rest, LEAST_OF_FIRST)) });
}

/** An address from a feed as a link target: anything that is not http or https becomes no target at all. */
function webUrl(url: unknown): string {
  return typeof url === 'string' && /^https?:\/\//i.test(url) ? url : '';
}

/** Plain text with its web addresses made into links; the dot or bracket behind one belongs to its sentence. */
function linked(text: string | null): string {
  const pieces = (text ?? '').split(/(https?:\/\/[^\s<>"']*[^\s<>"'.,;:!?)\]])/);
  return pieces.map((piece, at) => (at % 2 ? link(escapeHtml(piece)) : escapeHtml(piece))).join('');
}

function link(escaped: string): string {
  return `<a href="${escaped}">${escaped}</a>`;
}

function escapeNamed([name, value]: Named): Named {
  return [name, typeof value === 'string' ? escapeHtml(value) : value];
}

function localeOf(context: { globals: object }): string {
  return (context.globals as { locale: string }).locale;
}
