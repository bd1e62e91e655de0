import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInstance, type i18n, type ResourceLanguage } from 'i18next';

/** The language used when a reader's own has no words file; its file holds every key. */
const FALLBACK_LOCALE = 'en';

export type Translations = {
  /** The closest language we have words for: `fr-CA` -> `fr` -> `en`. */
  resolveLocale(locale: string): string;
  /**
   * The words behind a key such as `confirm.title`. Values fill `{{name}}` as they are, unescaped; `count` picks
   * the plural. Throws on a key that English lacks: a page never shows a bare key.
   */
  t(locale: string, key: string, values?: Record<string, unknown>): string;
};

/** Loads every `<language>.json` of the folder into memory. Throws when a file is missing or is not JSON. */
export function loadTranslations(dir: string): Translations {
  const files = readdirSync(dir).filter((file) => file.endsWith('.json'));
  const resources = Object.fromEntries(
    files.map((file) => [file.slice(0, -'.json'.length), { translation: readTranslations(join(dir, file)) }]),
  );
  const languages = new Set(Object.keys(resources));
  const resolve = (locale: string) => closestLocale(locale, languages);
  const engine = createI18n(resources);
  return {
    resolveLocale: resolve,
    t: (locale, key, values = {}) => translate(engine, resolve(locale), key, values),
  };
}

/** Writing direction of a language: what goes into `dir` beside `lang`. */
export function textDirection(locale: string): 'ltr' | 'rtl' {
  return /^(ar|arc|dv|fa|he|ks|ku-arab|ps|sd|ug|ur|yi)\b/i.test(locale) ? 'rtl' : 'ltr';
}

/** `22 September 2026, 14:02 (East Africa Time)`: a moment in an IANA zone, with the zone in words. */
export function formatDateTime(at: Date, zone: string, locale: string): string {
  return `${formatDate(at, zone, locale)}${dateTimeSeparator(locale)}${formatTime(at, zone, locale)}`;
}

/** `Tuesday 22 September, 14:02 (East Africa Time)`: a moment that is near. */
export function formatWeekdayTime(at: Date, zone: string, locale: string): string {
  return `${formatWeekday(at, zone, locale)}${dateTimeSeparator(locale)}${formatTime(at, zone, locale)}`;
}

/** `14:02 (East Africa Time)`. */
export function formatTime(at: Date, zone: string, locale: string): string {
  const clock = formatWith(at, locale, {
    timeZone: zone,
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
  });
  return `${clock} (${formatTimeZone(at, zone, locale)})`;
}

/** `22 September 2026`: the calendar day this moment falls on in the zone. */
export function formatDate(at: Date, zone: string, locale: string): string {
  return formatWith(at, locale, { timeZone: zone, day: 'numeric', month: 'long', year: 'numeric' });
}

function formatWeekday(at: Date, zone: string, locale: string): string {
  return formatWith(at, locale, { timeZone: zone, weekday: 'long', day: 'numeric', month: 'long' });
}

/** `15–21 September`: the days from one moment to another, with years only where they differ. */
export function formatDateRange(from: Date, to: Date, timeZone: string, locale: string): string {
  const years = new Set([from, to].map((at) => formatWith(at, locale, { timeZone, year: 'numeric' })));
  const days = { timeZone, day: 'numeric', month: 'long' } as const;
  const range = cachedFormatter(locale, years.size > 1 ? { ...days, year: 'numeric' } : days);
  // Between two numbers of one month the dash stands close, as printers set it.
  return range.formatRange(from, to).replace(/(\d)\s*–\s*(\d+ \D+)$/u, '$1–$2');
}

/** Between a day and an hour. In Arabic script it is the comma that its dates are written with. */
function dateTimeSeparator(locale: string): string {
  return textDirection(locale) === 'rtl' && !/^(he|yi)\b/i.test(locale) ? '، ' : ', ';
}

function formatTimeZone(at: Date, timeZone: string, locale: string): string {
  // Nobody knows it by its long name.
  if (/^(Etc\/)?(UTC|UCT|Zulu|Universal)$/i.test(timeZone)) return 'UTC';
  const parts = cachedFormatter(locale, { timeZone, timeZoneName: 'long' }).formatToParts(at);
  return parts.find((part) => part.type === 'timeZoneName')?.value ?? timeZone;
}

function formatWith(at: Date, locale: string, options: Intl.DateTimeFormatOptions): string {
  return cachedFormatter(locale, options).format(at);
}

const formatters = new Map<string, Intl.DateTimeFormat>();

/** Making a formatter costs a thousand times what using it costs; zones and languages are few. */
function cachedFormatter(locale: string, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const key = JSON.stringify([locale, options]);
  const kept = formatters.get(key) ?? new Intl.DateTimeFormat(formattingLocale(locale), options);
  formatters.set(key, kept);
  return kept;
}

/** Plain `en` would format as in the United States; our English writes the day first. */
function formattingLocale(locale: string): string {
  return locale === 'en' ? 'en-GB' : locale;
}

function closestLocale(locale: string, languages: Set<string>): string {
  const language = locale.split('-')[0] ?? FALLBACK_LOCALE;
  return [locale, language].find((name) => languages.has(name)) ?? FALLBACK_LOCALE;
}

function readTranslations(file: string): ResourceLanguage {
  return JSON.parse(readFileSync(file, 'utf8')) as ResourceLanguage;
}

function createI18n(resources: Record<string, { translation: ResourceLanguage }>): i18n {
  const engine = createInstance();
  void engine.init({
    resources,
    initAsync: false,
    fallbackLng: FALLBACK_LOCALE,
    nsSeparator: false,
    // Escaping is the template's task: a second one here would show readers "&amp;amp;".
    interpolation: { escapeValue: false },
  });
  return engine;
}

function translate(engine: i18n, lng: string, key: string, values: Record<string, unknown>): string {
  if (!engine.exists(key, { lng, ...pluralOptions(values) })) throw new Error(`No words for ${key}`);
  // `nest: false`: a publication called "$t(x)" is a name, not an instruction.
  return engine.t(key, { lng, nest: false, replace: values, ...pluralOptions(values) });
}

function pluralOptions(values: Record<string, unknown>): { count?: number } {
  return typeof values.count === 'number' ? { count: values.count } : {};
}
