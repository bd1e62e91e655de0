import { describe, expect, test } from '@jest/globals';
import { computeDue } from '../../../src/digests/calendar/due.js';
import type { Subscription } from '../../../src/subscribers/subscription.js';
import { createSubscription } from '../../support/subscription.js';

const now = new Date('2026-11-22T04:00:30Z');
const released = [1, 2, 3, 4, 5].map((seq) => ({
  id: `article-${seq}`,
  seq,
  categories: seq % 2 ? ['Harbour'] : ['Town'],
}));
const nobody = new Set<string>();

const reader = (change: Partial<Subscription>) =>
  createSubscription({ cadence: 'instant', watermark: 2, createdAt: now, confirmedAt: now, ...change });
const due = (change: Partial<Subscription>, mailed: ReadonlySet<string> = nobody) => {
  const { digests, nextDueAt } = computeDue(reader(change), released, mailed, now);
  const words = digests.map(
    ({ cadence, period, articles }) => `${cadence} ${period}: ${articles.map(({ seq }) => seq).join(' ')}`,
  );
  return { words, nextDueAt: nextDueAt?.toISOString() };
};

describe('what is due to an instant reader', () => {
  test('is one mail per article, in order', () => {
    expect(due({ watermark: 2 })).toEqual({
      words: ['instant 3: 3', 'instant 4: 4', 'instant 5: 5'],
      nextDueAt: undefined,
    });
  });

  test('is one digest of her day when more than three come at once', () => {
    expect(due({ watermark: 1 })).toEqual({ words: ['daily 2026-11-22: 2 3 4 5'], nextDueAt: undefined });
    const { digests } = computeDue(reader({ watermark: 1 }), released, nobody, now);
    expect(digests[0]?.closesAt).toEqual(new Date('2026-11-23T12:00:00Z'));
  });

  test('leaves out what an operator’s digest brought her, and counts only the rest', () => {
    expect(due({ watermark: 1 }, new Set(['article-3'])).words).toEqual([
      'instant 2: 2',
      'instant 4: 4',
      'instant 5: 5',
    ]);
  });

  test('is only what matches her topics, in letters of whatever case', () => {
    expect(due({ watermark: 2, topics: ['harbour'] }).words).toEqual(['instant 3: 3', 'instant 5: 5']);
    expect(due({ watermark: 0, topics: ['TOWN', 'Kitchen'] }).words).toEqual([
      'instant 2: 2',
      'instant 4: 4',
    ]);
    expect(due({ watermark: 0, topics: ['Kitchen'] }).words).toEqual([]);
  });

  test('is nothing when her watermark is at the newest article', () => {
    expect(due({ watermark: 5 })).toEqual({ words: [], nextDueAt: undefined });
  });
});

describe('what is due to a reader with a rhythm', () => {
  test.each([
    ['daily', 'daily 2026-11-22: 3 4 5', '2026-11-23T04:00:00.000Z'],
    ['weekly', 'weekly 2026-W47: 3 4 5', '2026-11-23T04:00:00.000Z'],
    ['monthly', 'monthly 2026-11: 3 4 5', '2026-12-01T04:00:00.000Z'],
  ] as const)('is one %s digest, however many articles', (cadence, words, nextDueAt) => {
    expect(due({ cadence })).toEqual({ words: [words], nextDueAt });
  });

  test('with a day of its own for each reader', () => {
    expect(due({ cadence: 'daily', timezone: 'Pacific/Honolulu' }).words).toEqual([
      'daily 2026-11-21: 3 4 5',
    ]);
  });

  test('is nothing when all of it was brought by operators, and a later hour of this day is kept', () => {
    const mailed = new Set(['article-3', 'article-4', 'article-5']);
    expect(due({ cadence: 'daily', hour: 18 }, mailed)).toEqual({
      words: [],
      nextDueAt: '2026-11-22T15:00:00.000Z',
    });
  });

  test('is not due again in the period she has just been given', () => {
    expect(due({ cadence: 'daily', hour: 18 }).nextDueAt).toBe('2026-11-23T15:00:00.000Z');
  });
});
