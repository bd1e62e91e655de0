import { expect, test } from '@jest/globals';
import { describeRhythm, type Rhythm } from '../../src/deliveries/rhythm-text.js';
import { templates } from '../platform/templates/page-fixtures.js';

const weekly: Rhythm = { cadence: 'weekly', hour: 7, weekday: 1, dayOfMonth: 15, atMostDaily: false };
const inWords = (language: string, changes: Partial<Rhythm> = {}) =>
  describeRhythm({ templates }, { ...weekly, ...changes }, language);

test.each([
  [{}, 'weekly on Mondays, about 07:00'],
  [{ weekday: 7, hour: 18 }, 'weekly on Sundays, about 18:00'],
  [{ cadence: 'daily', hour: 0 }, 'daily, about 00:00'],
  [{ cadence: 'monthly', hour: 23 }, 'monthly on day 15, about 23:00'],
  [{ cadence: 'instant' }, 'with each new article'],
  [{ cadence: 'instant', atMostDaily: true }, 'with each new article, once a day at most'],
] as const)('%j is "%s"', (changes, words) => {
  expect(inWords('en', changes)).toBe(words);
});

test('in other languages it has their words and their figures', () => {
  expect(inWords('sw')).toBe('kila wiki siku ya Jumatatu, takriban saa 07:00');
  expect(inWords('ar')).toBe('أسبوعيًا أيام الاثنين، نحو الساعة 07:00');
  expect(inWords('sw', { cadence: 'monthly' })).toBe('kila mwezi tarehe 15, takriban saa 07:00');
  for (const language of ['en', 'sw', 'ar'])
    expect(new Set([1, 2, 3, 4, 5, 6, 7].map((weekday) => inWords(language, { weekday }))).size).toBe(7);
});
