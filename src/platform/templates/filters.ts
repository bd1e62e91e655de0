import type { Liquid } from 'liquidjs';
import { truncateText } from '../text/truncate.js';
import { escapeHtml } from '../text/escape-html.js';
import { bidiIsolate } from '../text/bidi-isolate.js';
import { formatTime, formatDate, formatDateTime, formatDateRange } from '../text/format-dates.js';
import type { Translations } from '../text/translations.js';
import { contactLinkHtml, maskedAddressHtml, toReadableValue } from './readable-address.js';

type FilterTools = { words: Translations; assetPath: (file: string) => string };
type NamedValue = [name: string, value: string | number | null];

/**
 * Registers our filters. `t` translates to plain text, which is escaped like any value. `t_rich` is for translations with HTML
 * of ours: its values are escaped here, and its result is printed as it is. `t_fit: 70` is `t` in at most 70 characters: its
 * value `first` is cut after a word until the others fit. `t_contact` makes the publisher's contact a link. Values called
 * `email`, `old` and `other` are mail addresses, whose domains are shown in U-labels; `t_rich` has words for a masked `email`,
 * since a screen reader reads dots or nothing; `address` prints one by itself in the same way.
 */
export function registerFilters(liquid: Liquid, { words, assetPath }: FilterTools): void {
  liquid.registerFilter('t', function (key: string, ...named: NamedValue[]) {
    const locale = localeOf(this.context);
    return words.t(locale, key, Object.fromEntries(named.map((each) => toReadableValue(each, locale))));
  });
  liquid.registerFilter('t_fit', function (key: string, maxLength: number, ...named: NamedValue[]) {
    return fitTranslation(
      (values) => words.t(localeOf(this.context), key, values),
      maxLength,
      Object.fromEntries(named),
    );
  });
  liquid.registerFilter('t_rich', {
    raw: true,
    handler(key: string, ...named: NamedValue[]) {
      const locale = localeOf(this.context);
      const say = (first: string, domain: string) =>
        words.t(locale, 'layout.maskedAddress', { first, domain });
      const values = named.map((each) => toRichValue(toReadableValue(each, locale), say));
      return words.t(locale, key, Object.fromEntries(values));
    },
  });
  liquid.registerFilter('address', {
    raw: true,
    handler(email: string) {
      const say = (first: string, domain: string) =>
        words.t(localeOf(this.context), 'layout.maskedAddress', { first, domain });
      return toRichValue(toReadableValue(['email', email], localeOf(this.context)), say)[1];
    },
  });
  liquid.registerFilter('t_contact', {
    raw: true,
    handler(key: string, contact: string) {
      return words.t(localeOf(this.context), key, { contact: contactLinkHtml(contact) });
    },
  });
  liquid.registerFilter('cut_at', (text: string, maxLength: number) => truncateText(text, maxLength));
  liquid.registerFilter('isolated', function (text: string | null) {
    return bidiIsolate(text ?? '', localeOf(this.context));
  });
  liquid.registerFilter('asset', (file: string) => assetPath(file));
  liquid.registerFilter('web_url', webUrl);
  liquid.registerFilter('linked', { raw: true, handler: linkUrls });
  registerLocaleFilters(liquid);
}

/** Dates, numbers and lists in the reader's language. A missing date prints nothing. */
function registerLocaleFilters(liquid: Liquid): void {
  const registerDateFilter = (name: string, format: typeof formatDate) =>
    liquid.registerFilter(name, function (at: DateInput, zone: string, locale?: string) {
      return at === null || at === undefined
        ? ''
        : format(new Date(at), zone, locale ?? localeOf(this.context));
    });
  registerDateFilter('date_in', formatDateTime);
  registerDateFilter('day_in', formatDate);
  registerDateFilter('clock_in', formatTime);
  liquid.registerFilter('range_in', function (from: DateInput, to: DateInput, zone: string) {
    return from && to ? formatDateRange(new Date(from), new Date(to), zone, localeOf(this.context)) : '';
  });
  liquid.registerFilter('number', function (value: number) {
    return new Intl.NumberFormat(localeOf(this.context)).format(value);
  });
  liquid.registerFilter('listed', function (values: string[] | null) {
    return new Intl.ListFormat(localeOf(this.context), { type: 'conjunction' }).format(values ?? []);
  });
}

type DateInput = Date | string | number | null | undefined;

/** In characters: `t_fit` keeps at least this much of the value `first`. */
const MIN_FIRST_LENGTH = 20;

function fitTranslation(
  translate: (values: Record<string, string | number | null>) => string,
  maxLength: number,
  values: Record<string, string | number | null>,
): string {
  const rest = translate({ ...values, first: '' }).length;
  return translate({
    ...values,
    first: truncateText(String(values['first']), Math.max(maxLength - rest, MIN_FIRST_LENGTH)),
  });
}

/** A URL from a feed for a link; empty unless it is http or https. */
function webUrl(url: unknown): string {
  return typeof url === 'string' && /^https?:\/\//i.test(url) ? url : '';
}

/** Makes the URLs in plain text links, without a full stop or bracket behind a URL. */
function linkUrls(text: string | null): string {
  const pieces = (text ?? '').split(/(https?:\/\/[^\s<>"']*[^\s<>"'.,;:!?)\]])/);
  return pieces.map((piece, at) => (at % 2 ? anchorHtml(escapeHtml(piece)) : escapeHtml(piece))).join('');
}

function anchorHtml(escaped: string): string {
  return `<a href="${escaped}">${escaped}</a>`;
}

function toRichValue([name, value]: NamedValue, say: (first: string, domain: string) => string): NamedValue {
  if (typeof value !== 'string') return [name, value];
  return [name, (name === 'email' ? maskedAddressHtml(value, say) : undefined) ?? escapeHtml(value)];
}

function localeOf(context: { globals: object }): string {
  return (context.globals as { locale: string }).locale;
}
