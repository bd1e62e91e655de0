import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import {
  formatDateTime,
  formatWeekdayTime,
  formatDateRange,
} from '../../../src/platform/text/format-dates.js';

type Words = { [key: string]: string | Words };

/** What only operators read stays English. */
const operatorKeys = /^(alertMail|operator\w*|errors\.page\.(?:viewOnly|ownersOnly))\b/;
const plural = /_(zero|one|two|few|many|other)$/;

const english = readWords('en');

describe.each(['sw', 'ar'])('the words of "%s"', (locale) => {
  const words = readWords(locale);
  const categories = new Intl.PluralRules(locale).resolvedOptions().pluralCategories;

  test('are there for everything a reader sees, in each of the language’s plurals, and for nothing else', () => {
    const needed = [...english.keys()]
      .filter((key) => !operatorKeys.test(key))
      .flatMap((key) => (plural.test(key) ? pluralsOf(key, categories) : [key]));
    expect([...words.keys()].toSorted()).toEqual([...new Set(needed)].toSorted());
  });

  test('fill in the same values and carry the same markup as the English ones', () => {
    for (const [key, text] of words) {
      const original = english.get(key) ?? english.get(key.replace(plural, '_other')) ?? '';
      const expected = pieces(original);
      const counted = plural.test(key);
      const told = pieces(text);
      expect({ key, told: counted ? told.filter(notCount) : told }).toEqual({
        key,
        told: counted ? expected.filter(notCount) : expected,
      });
      if (/_(few|many|other)$/.test(key)) expect(told).toEqual(expected);
    }
  });
});

test('days of one month stand in one range, with years where they differ, as each language writes it', () => {
  const day = (text: string) => new Date(`${text}T12:00:00Z`);
  const range = (from: string, to: string, locale: string) =>
    formatDateRange(day(from), day(to), 'UTC', locale).replace(/\s/g, ' ');
  expect(range('2026-09-15', '2026-09-21', 'en')).toBe('15–21 September');
  expect(range('2026-09-15', '2026-09-15', 'en')).toBe('15 September');
  expect(range('2026-08-28', '2026-09-03', 'en')).toBe('28 August – 3 September');
  expect(range('2025-12-30', '2026-01-02', 'en')).toBe('30 December 2025 – 2 January 2026');
  expect(range('2026-09-15', '2026-09-21', 'sw')).toBe('15–21 Septemba');
  expect(range('2026-09-15', '2026-09-21', 'ar')).toBe('15–21 سبتمبر');
});

test('a moment has the comma of its language, and UTC is called UTC', () => {
  const at = new Date('2026-11-23T04:00:00Z');
  expect(formatDateTime(at, 'Africa/Cairo', 'ar')).toMatch(/^23 نوفمبر 2026، 06:00 \(/);
  expect(formatWeekdayTime(at, 'Africa/Cairo', 'ar')).toMatch(/23 نوفمبر، 06:00 \(/);
  expect(formatWeekdayTime(at, 'Africa/Nairobi', 'en')).toBe('Monday 23 November, 07:00 (East Africa Time)');
  for (const locale of ['en', 'sw', 'ar'])
    for (const zone of ['UTC', 'Etc/UTC']) expect(formatDateTime(at, zone, locale)).toMatch(/04:00 \(UTC\)$/);
});

test('the days are those of the publication’s zone', () => {
  const late = new Date('2026-09-15T22:30:00Z');
  expect(formatDateRange(late, late, 'Africa/Nairobi', 'en')).toBe('16 September');
});

function readWords(locale: string): Map<string, string> {
  return new Map(flat(JSON.parse(readFileSync(`templates/locales/${locale}.json`, 'utf8')) as Words));
}

function flat(words: Words, before = ''): [string, string][] {
  return Object.entries(words).flatMap(([key, value]): [string, string][] =>
    typeof value === 'string' ? [[`${before}${key}`, value]] : flat(value, `${before}${key}.`),
  );
}

function pluralsOf(key: string, categories: readonly string[]): string[] {
  return categories.map((category) => key.replace(plural, `_${category}`));
}

/** The values and tags of a sentence: `{{name}}` and markup. */
function pieces(text: string): string[] {
  return [...text.matchAll(/\{\{[^}]*\}\}|<[^>]*>/g)].map(([piece]) => piece).toSorted();
}

function notCount(piece: string): boolean {
  return !piece.startsWith('{{count');
}
