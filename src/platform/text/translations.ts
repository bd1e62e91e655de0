import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInstance, type i18n, type ResourceLanguage } from 'i18next';
import { LRUCache } from 'lru-cache';
import { canonicalLanguageTag, truncatedTags } from './language-tag.js';

/** The language where neither a reader's own nor her newsletter's has a file. Its file has every key. */
const FALLBACK_LOCALE = 'en';

/** Operators read English for now, whatever their readers read. */
export const OPERATOR_LOCALE = 'en';

/** A sentence for operators: the text of a key below `operator`, as `t` has it. */
export type OperatorWords = (key: string, values?: Record<string, unknown>) => string;

export type Translations = {
  /**
   * The closest language that has a file: `fr-CA` -> `fr`, else the one closest to `instead`, else `en`; a text that is no
   * language tag has no file.
   * @param instead of the newsletter, where the other is a reader's
   */
  resolveLocale(locale: string, instead?: string): string;
  /**
   * The text of a key such as `confirm.title`. Values replace `{{name}}`, unescaped; `count` selects the plural form.
   * @throws for a key that is not in the fallback language either, so that no page shows a key
   */
  t(locale: string, key: string, values?: Record<string, unknown>): string;
  operatorWords: OperatorWords;
  /** Those with a file, as language tags. */
  languages: readonly string[];
};

/** Loads every `<language>.json` of the folder into memory. Throws when a file is missing or is not JSON. */
export function loadTranslations(dir: string): Translations {
  const files = readdirSync(dir).filter((file) => file.endsWith('.json'));
  const resources = Object.fromEntries(
    files.map((file) => [file.slice(0, -'.json'.length), { translation: readTranslations(join(dir, file)) }]),
  );
  const languages = new Set(Object.keys(resources));
  // Planning asks for every reader.
  const cached = new LRUCache<string, string>({ max: 1000 });
  const resolveLocale = (locale: string, instead = FALLBACK_LOCALE) => {
    const key = `${locale} ${instead}`;
    const known = cached.get(key);
    if (known !== undefined) return known;
    const closest = closestLocale(locale, languages) ?? closestLocale(instead, languages) ?? FALLBACK_LOCALE;
    cached.set(key, closest);
    return closest;
  };
  const engine = createI18n(resources);
  return {
    resolveLocale,
    t: (locale, key, values = {}) => translate(engine, resolveLocale(locale), key, values),
    languages: [...languages],
    operatorWords: (key, values = {}) => translate(engine, OPERATOR_LOCALE, `operator.${key}`, values),
  };
}

function closestLocale(locale: string, languages: Set<string>): string | undefined {
  if (languages.has(locale)) return locale;
  return truncatedTags(canonicalLanguageTag(locale) ?? '').find((tag) => languages.has(tag));
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
    // Templates escape: escaping here too would show readers "&amp;amp;".
    interpolation: { escapeValue: false },
  });
  return engine;
}

function translate(engine: i18n, lng: string, key: string, values: Record<string, unknown>): string {
  if (!engine.exists(key, { lng, ...pluralOptions(values) })) throw new Error(`No words for ${key}`);
  // `nest: false`: a publication's name may be "$t(x)", which i18next would look up.
  return engine.t(key, { lng, nest: false, replace: values, ...pluralOptions(values) });
}

function pluralOptions(values: Record<string, unknown>): { count?: number } {
  return typeof values.count === 'number' ? { count: values.count } : {};
}
