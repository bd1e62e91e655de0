import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { readReaderTimeline, type TimelineView } from '../../src/dashboard/reader-timeline.js';
import { pauseAsOperator, resumeAsOperator } from '../../src/subscribers/preferences/operator-pause.js';
import type { Publication } from '../../src/publications/publication.js';
import type { Subscription } from '../../src/subscribers/subscription.js';
import { actingAs } from '../../src/platform/actor.js';
import { DAY_MS } from '../../src/platform/durations.js';
import { mailArticle } from '../support/events.js';
import { addReader } from '../support/fixtures.js';
import { openTestApp, type TestApp } from '../support/test-app.js';

let testApp: TestApp;
let publication: Publication;
let reader: Subscription;

/** Six digests, one a day; she is paused while the second to the fifth go. */
beforeAll(async () => {
  testApp = await openTestApp();
  publication = await testApp.createPublication();
  reader = await addReader(testApp, publication, 'ada@example.com', { cadence: 'instant' });
  await addReader(testApp, publication, 'ben@example.com', { cadence: 'instant' });
  const operator = actingAs(testApp.context, { kind: 'command-line' });
  for (const [at, title] of ['One', 'Two', 'Three', 'Four', 'Five', 'Six'].entries()) {
    testApp.advanceClock(DAY_MS);
    if (at === 1) await pauseAsOperator(operator, reader.id);
    if (at === 5) await resumeAsOperator(operator, reader.id);
    testApp.advanceClock(DAY_MS);
    await mailArticle(testApp, publication, title);
  }
});
afterAll(() => testApp.close());

/** All pages of a view, each by the ids of its lines. */
async function pagesOf(view: TimelineView, limit: number, maxDigests?: number): Promise<string[][]> {
  const pages: string[][] = [];
  let before: string | undefined;
  do {
    const page = await readReaderTimeline(testApp.context, reader, view, { before, limit }, maxDigests);
    pages.push(page.entries.map(({ id }) => id));
    before = page.next ?? undefined;
  } while (before !== undefined);
  return pages;
}

test('a page of what happened ends where its digests were looked at, and nothing is left out of those that follow', async () => {
  const [all = []] = await pagesOf('all', 50);
  expect(all).toHaveLength(4);
  expect(all).toEqual(all.toSorted().toReversed());
  for (const [limit, maxDigests] of [
    [50, 1],
    [50, 2],
    [50, 6],
    [1, 2],
    [2, 4],
  ] as const)
    expect((await pagesOf('all', limit, maxDigests)).flat()).toEqual(all);
  expect((await pagesOf('emails', 50, 2)).map((page) => page.length)).toEqual([1, 0, 1]);
  expect((await pagesOf('emails', 50, 6)).map((page) => page.length)).toEqual([2]);
  expect((await pagesOf('changes', 50, 1)).map((page) => page.length)).toEqual([2]);
});
