import { expect, test } from '@jest/globals';
import { expectedMailsPerWeek } from '../../src/articles/expected-frequency.js';
import { pushArticle } from '../../src/articles/ingest/push-article.js';
import { listReleaseTimes } from '../../src/articles/reads.js';
import { sql } from '../../src/platform/db/sql.js';
import { openTestApp } from '../support/test-app.js';
import { DAY_MS } from '../../src/platform/durations.js';

const now = new Date('2026-11-22T09:00:00Z');
const daysAgo = (...days: number[]) => days.map((day) => new Date(now.getTime() - day * DAY_MS));
const every = (days: number, until = 55) =>
  daysAgo(...Array.from({ length: Math.floor(until / days) + 1 }, (_, at) => at * days));
const rate = (releases: Date[], defaultCadence: 'instant' | 'daily' | 'weekly' | 'monthly') =>
  expectedMailsPerWeek(releases, { defaultCadence, timezone: 'Africa/Nairobi' }, now);

test('each article is a mail, a day’s articles are one, a week’s are one', () => {
  const twiceADay = every(0.5);
  expect(rate(twiceADay, 'instant')).toBe(14);
  expect(rate(twiceADay, 'daily')).toBe(7);
  expect(rate(twiceADay, 'weekly')).toBe(1);
  expect(rate(every(2.4), 'instant')).toBe(3);
});

test('no frequency is given when it cannot be known yet, or is slower than once a week', () => {
  expect(rate([], 'instant')).toBeUndefined();
  expect(rate(every(1, 12), 'instant')).toBeUndefined();
  expect(rate(every(1), 'monthly')).toBeUndefined();
  expect(rate(every(27), 'instant')).toBeUndefined();
});

test('articles count from the day they were published, each once, also those from before the feed was added', async () => {
  const testApp = await openTestApp();
  const publication = await testApp.createPublication();
  const { db } = testApp.context;
  let number = 0;
  const add = async (title: string, published: string | null, state: string) => {
    const externalId = `${(number += 1)}`;
    const words = { externalId, title, content: `<p>News ${externalId}.</p>` };
    const { id } = await pushArticle(testApp.context, publication, words);
    await db.run(sql`
      update articles
         set published_at = ${published}, state = ${state}, retraction = ${state === 'retracted' ? 'by-hand' : null},
             seq = ${state === 'released' ? 1 : null}
       where id = ${id}
    `);
  };
  await add('Before us', '2026-11-01T09:00:00Z', 'skipped');
  await add('Before us', '2026-11-01T09:00:00Z', 'skipped');
  await add('No date', null, 'skipped');
  await add('Taken back', '2026-11-02T09:00:00Z', 'retracted');
  await add('Long ago', '2025-11-01T09:00:00Z', 'skipped');
  await add('High water', '2026-11-20T09:00:00Z', 'released');
  const times = await listReleaseTimes(db, publication.id, new Date('2026-10-01T00:00:00Z'));
  expect(times.map((at) => at.toISOString())).toEqual([
    '2026-11-20T09:00:00.000Z',
    '2026-11-01T09:00:00.000Z',
  ]);
  await testApp.close();
});
