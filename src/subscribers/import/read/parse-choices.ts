import type { Cadence } from '../../../publications/publication.js';
import { canonicalLanguageTag } from '../../../platform/text/language-tag.js';

const CADENCES: Record<Cadence, readonly string[]> = {
  instant: [
    'instant',
    'instantly',
    'immediate',
    'immediately',
    'each article',
    'every post',
    'as it happens',
  ],
  daily: ['daily', 'day', 'every day', 'each day'],
  weekly: ['weekly', 'week', 'every week', 'each week'],
  monthly: ['monthly', 'month', 'every month', 'each month'],
};

const BY_WORD = new Map(
  Object.entries(CADENCES).flatMap(([cadence, words]) => words.map((word) => [word, cadence as Cadence])),
);

/** How often, in a word; undefined: none that is known. */
export function parseCadence(text: string): Cadence | undefined {
  return BY_WORD.get(text.trim().toLowerCase());
}

const displayNames = new Intl.DisplayNames('en', { type: 'language', fallback: 'none' });

let languageNames: ReadonlyMap<string, string> | undefined;

/** Languages of two letters (ISO 639-1) by their names in English and in themselves: forms have them in words. */
function tagOfName(name: string): string | undefined {
  languageNames ??= new Map(twoLetterTags().flatMap((tag) => namesOf(tag).map((one) => [one, tag] as const)));
  return languageNames.get(name);
}

function twoLetterTags(): string[] {
  const letters = Array.from('abcdefghijklmnopqrstuvwxyz');
  return letters.flatMap((one) => letters.map((two) => one + two)).filter((tag) => displayNames.of(tag));
}

function namesOf(tag: string): string[] {
  const own = new Intl.DisplayNames(tag, { type: 'language', fallback: 'none' });
  return [displayNames.of(tag), own.of(tag)].flatMap((name) =>
    name === undefined ? [] : [name.toLowerCase()],
  );
}

/** What the sign-up form takes for one (languageSchema). */
const LANGUAGE_TAG = /^[A-Za-z]{2,3}(?:[-_][A-Za-z0-9]{1,8})*$/;

/** A language by its tag, which becomes canonical, or by its name; undefined: none that is known. */
export function parseLanguage(text: string): string | undefined {
  const tag = LANGUAGE_TAG.test(text) ? canonicalLanguageTag(text) : undefined;
  if (tag !== undefined && displayNames.of(tag.split('-')[0] ?? '') !== undefined) return tag;
  return tagOfName(text.toLowerCase());
}

/** More than a person chooses; and longer than a topic's name. */
const MAX_TOPICS = 100;
const MAX_TOPIC_CHARACTERS = 100;

/** Topics in one cell: a JSON array, or names with commas or semicolons between them, each perhaps in quotes. */
export function parseTopics(text: string): string[] {
  const topics = (jsonArray(text) ?? separated(text))
    .map((topic) => topic.trim())
    .filter((topic) => topic !== '');
  return [...new Set(topics)].filter((topic) => topic.length <= MAX_TOPIC_CHARACTERS).slice(0, MAX_TOPICS);
}

function jsonArray(text: string): string[] | undefined {
  if (!text.trimStart().startsWith('[')) return undefined;
  try {
    const value: unknown = JSON.parse(text);
    return Array.isArray(value) ? value.filter((one) => typeof one === 'string') : undefined;
  } catch {
    return undefined;
  }
}

function separated(text: string): string[] {
  const delimiter = text.includes(';') && !text.includes('",') ? ';' : ',';
  const cell = delimiter === ';' ? /"((?:[^"]|"")*)"|[^;]+/g : /"((?:[^"]|"")*)"|[^,]+/g;
  return [...text.matchAll(cell)].map(([whole, quoted]) => quoted?.replaceAll('""', '"') ?? whole);
}
