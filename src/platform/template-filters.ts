import type { Liquid } from 'liquidjs';
import { clockInWords, dayInWords, momentInWords, type Words } from './locales.js';

type Tools = { words: Words; assetPath: (file: string) => string };
type Named = [name: string, value: string | number | null];

/**
 * What templates may do besides printing. `t` gives plain words and is escaped like any value; `t_rich` is for
 * sentences that carry markup of ours: its values are escaped here, once, and its result is printed as it is.
 */
export function registerFilters(liquid: Liquid, { words, assetPath }: Tools): void {
  liquid.registerFilter('t', function (key: string, ...named: Named[]) {
    return words.t(localeOf(this.context), key, Object.fromEntries(named));
  });
  liquid.registerFilter('t_rich', {
    raw: true,
    handler(key: string, ...named: Named[]) {
      return words.t(localeOf(this.context), key, Object.fromEntries(named.map(escapeNamed)));
    },
  });
  liquid.registerFilter('asset', (file: string) => assetPath(file));
  liquid.registerFilter('web_url', webUrl);
  liquid.registerFilter('paragraphs', { raw: true, handler: paragraphs });
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
  liquid.registerFilter('number', function (value: number) {
    return new Intl.NumberFormat(localeOf(this.context)).format(value);
  });
  liquid.registerFilter('listed', function (values: string[] | null) {
    return new Intl.ListFormat(localeOf(this.context), { type: 'conjunction' }).format(values ?? []);
  });
}

type Moment = Date | string | number | null | undefined;

/** Values of a sentence with markup in it: the one place besides Liquid that escapes. */
function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}

/** An address from a feed as a link target: anything that is not http or https becomes no target at all. */
function webUrl(url: unknown): string {
  return typeof url === 'string' && /^https?:\/\//i.test(url) ? url : '';
}

/** Plain text as HTML paragraphs: blank lines part them, single line breaks stay. */
function paragraphs(text: string | null): string {
  const blocks = escapeHtml((text ?? '').trim()).split(/\n\s*\n/);
  return blocks.map((block) => `<p>${block.replaceAll('\n', '<br>')}</p>`).join('\n');
}

/** Plain text with its web addresses made into links, for the text view of a mail. */
function linked(text: string | null): string {
  const pieces = (text ?? '').split(/(https?:\/\/[^\s<>"']+)/);
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
