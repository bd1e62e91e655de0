import { afterEach, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { Article } from '../../src/articles/article.js';
import { holdArticle, releaseArticle, skipArticle } from '../../src/articles/decide.js';
import { pollFeed } from '../../src/articles/poll-feed.js';
import { releaseDueArticles } from '../../src/articles/release.js';
import { dropFeed } from '../../src/articles/drop-feed.js';
import { sql } from '../../src/platform/db/sql.js';
import type { NewPublication } from '../../src/publications/publication.js';
import { archive, confirmedReader, mailsOf } from '../http/reader.js';
import { DAY_MS, openNewsroom, written, type Newsroom } from './newsroom.js';

const MINUTE_MS = 60_000;
const rooms: Newsroom[] = [];

afterEach(async () => {
  for (const room of rooms.splice(0)) await room.close();
});

test('an article waits out its hold window, to the minute, and is released once', async () => {
  const room = await newsroom({ holdMinutes: 10 });
  await room.follow();
  await room.house.work();
  room.write({ id: 'a', title: 'A' });
  await room.poll();
  room.house.pass(10 * MINUTE_MS - 1);
  expect(await room.tick('release-due')).toEqual([]);
  expect((await room.articles())['a']).toMatchObject({ state: 'waiting', seq: null });
  room.house.pass(1);
  expect(await room.tick('release-due')).toEqual(['release-articles', 'plan-instant']);
  expect((await room.articles())['a']).toMatchObject({ state: 'released', seq: 1 });
  expect(await room.tick('release-due')).toEqual([]);
  expect(await releaseDueArticles(room.house.context, room.publication.id)).toEqual({ released: 0 });
});

test('numbers follow the dates of the articles, and have no gaps, also over several releases', async () => {
  const room = await newsroom();
  const { house } = room;
  await room.follow();
  room.write(
    written(house, 5, { id: 'third', title: 'Third' }),
    written(house, 7, { id: 'first', title: 'First' }),
    written(house, 6, { id: 'second', title: 'Second' }),
  );
  await room.poll();
  await house.work();
  room.write(written(house, 9, { id: 'late', title: 'Late' }), { id: 'undated', title: 'Undated' });
  await room.poll();
  await house.work();
  expect(await numbers(room)).toEqual({ first: 1, second: 2, third: 3, late: 4, undated: 5 });
});

test('releases at the same moment give every number once', async () => {
  const room = await newsroom({ holdMinutes: 10 });
  const { house, publication } = room;
  await room.follow();
  for (let round = 0; round < 5; round += 1) {
    for (let number = 0; number < 4; number += 1) {
      room.write(written(house, 1 - number / 10, { id: `${round}-${number}`, title: `${round} ${number}` }));
    }
    await room.poll();
    house.pass(10 * MINUTE_MS);
    const together = [1, 2, 3].map(() => releaseDueArticles(house.context, publication.id));
    const released = (await Promise.all(together)).map((each) => each.released);
    expect(released.toSorted()).toEqual([0, 0, 4]);
  }
  const inOrder = Object.entries(await numbers(room)).toSorted(([, a], [, b]) => Number(a) - Number(b));
  expect(inOrder.map(([, seq]) => seq)).toEqual(Array.from({ length: 20 }, (_, index) => index + 1));
  expect(inOrder.map(([id]) => id)).toEqual(inOrder.map(([id]) => id).toSorted());
});

test('an operator lets one go at once, stops one, and marks one as sent; each word counts once', async () => {
  const room = await newsroom({ holdMinutes: 60 });
  const { context } = room.house;
  await room.follow();
  await confirmedReader(room.house, 'ana@example.com');
  room.write({ id: 'go', title: 'Go' }, { id: 'stop', title: 'Stop' }, { id: 'sent', title: 'Sent' });
  await room.poll();
  const { go, stop, sent } = await room.articles();
  const done = { kind: 'done', publicationId: room.publication.id };
  expect(await releaseArticle(context, idOf(go))).toEqual(done);
  expect(await holdArticle(context, idOf(stop))).toEqual(done);
  expect(await skipArticle(context, idOf(sent))).toEqual(done);
  await room.house.work();
  const tooLate = { kind: 'too-late' };
  expect(await releaseArticle(context, idOf(go))).toEqual(tooLate);
  expect(await skipArticle(context, idOf(go))).toEqual(tooLate);
  expect(await holdArticle(context, idOf(stop))).toEqual(tooLate);
  expect(await skipArticle(context, idOf(sent))).toEqual(tooLate);
  expect(await releaseArticle(context, idOf(sent))).toEqual(tooLate);
  expect(await releaseArticle(context, room.publication.id)).toEqual(tooLate);

  room.house.pass(61 * MINUTE_MS);
  await room.tick('release-due');
  const states = Object.values(await room.articles()).map(({ externalId, state, holdReason }) => [
    externalId,
    state,
    holdReason,
  ]);
  expect(states.toSorted()).toEqual([
    ['go', 'released', null],
    ['sent', 'skipped', null],
    ['stop', 'held', 'An operator held it.'],
  ]);
  const mails = (await mailsOf(room.house)).slice(2);
  expect(mails.map(({ subject }) => subject)).toEqual(['Go']);
});

test('a newsletter that has stopped releases nothing', async () => {
  const room = await newsroom({ holdMinutes: 10 });
  await room.follow();
  room.write({ id: 'a', title: 'A' });
  await room.poll();
  await archive(room.house, room.publication.id);
  room.house.pass(10 * MINUTE_MS);
  await room.tick('release-due');
  expect((await room.articles())['a']?.state).toBe('waiting');
});

test('a feed that is removed before the hold window is over still has its article mailed', async () => {
  const room = await newsroom({ holdMinutes: 10 });
  const { id } = await room.follow();
  room.write({ id: 'a', title: 'A' });
  await room.poll();
  await dropFeed(room.house.context, id);
  room.house.pass(10 * MINUTE_MS);
  await room.tick('release-due');
  expect((await room.articles())['a']?.state).toBe('released');
});

const ids = ['a', 'b', 'c', 'd', 'e', 'f'];

type Happening =
  | { kind: 'shows'; ids: string[] }
  | { kind: 'polls'; times: number }
  | { kind: 'comes back'; includeNewest: number }
  | { kind: 'released by hand'; id: string }
  | { kind: 'time passes'; minutes: number };

/** What may happen to a feed, in any order. */
const happening: fc.Arbitrary<Happening> = fc.oneof(
  fc.record({ kind: fc.constant('shows' as const), ids: fc.subarray(ids) }),
  fc.record({ kind: fc.constant('polls' as const), times: fc.integer({ min: 1, max: 3 }) }),
  fc.record({ kind: fc.constant('comes back' as const), includeNewest: fc.integer({ min: 0, max: 4 }) }),
  fc.record({ kind: fc.constant('released by hand' as const), id: fc.constantFrom(...ids) }),
  fc.record({ kind: fc.constant('time passes' as const), minutes: fc.integer({ min: 1, max: 12 }) }),
);

test('whatever a feed shows and however it is polled, every item is released and planned at most once', async () => {
  const room = await newsroom({ holdMinutes: 10 });
  await confirmedReader(room.house, 'ana@example.com');
  await room.follow();
  let stories = 0;
  const story = fc.array(happening, { minLength: 3, maxLength: 12 });
  const lives = fc.asyncProperty(story, async (events) => {
    stories += 1; // every story has ids of its own, so that one room serves them all
    for (const event of events) await live(room, event, `-${stories}`);
    const before = await numbers(room);
    room.house.pass(30 * MINUTE_MS);
    await room.tick('release-due');
    const after = await numbers(room);
    expect(after).toMatchObject(before);
    const given = Object.values(after).toSorted((a, b) => a - b);
    expect(given).toEqual(given.map((_, index) => index + 1));
  });
  await fc.assert(lives, { numRuns: 20 });
  for (let day = 0; day < 3; day += 1) {
    room.house.pass(DAY_MS);
    await room.tick('plan-due');
  }
  const released = Object.keys(await numbers(room));
  expect(released.length).toBeGreaterThan(10);
  expect((await plannedItems(room)).toSorted()).toEqual(released.toSorted());
}, 60_000);

async function live(room: Newsroom, event: Happening, story: string): Promise<unknown> {
  const { house, server } = room;
  switch (event.kind) {
    case 'shows':
      server.articles.splice(0);
      return room.write(...event.ids.map((id) => ({ id: id + story, title: `Article ${id}${story}` })));
    case 'polls': {
      const { id } = await room.feed();
      return Promise.all(Array.from({ length: event.times }, () => pollFeed(house.context, id)));
    }
    case 'comes back':
      await dropFeed(house.context, (await room.feed()).id);
      return room.follow(event.includeNewest);
    case 'released by hand': {
      const article = (await room.articles())[event.id + story];
      if (article !== undefined) await releaseArticle(house.context, article.id);
      return house.work();
    }
    case 'time passes':
      house.pass(event.minutes * MINUTE_MS);
      return room.tick('release-due');
  }
}

/** The ids of all articles that were planned for readers, one for each time. */
async function plannedItems({ house }: Newsroom): Promise<string[]> {
  const rows = await house.context.db.many<{ externalId: string }>(sql`
    select a.external_id
      from deliveries d
      join variants v on v.id = d.variant_id
      join articles a on a.id = any(v.article_ids)
  `);
  return rows.map(({ externalId }) => externalId);
}

/** The numbers of the released articles. */
async function numbers(room: Newsroom): Promise<Record<string, number>> {
  const all = Object.values(await room.articles());
  return Object.fromEntries(all.flatMap(({ externalId, seq }) => (seq === null ? [] : [[externalId, seq]])));
}

function idOf(article: Article | undefined): string {
  return article?.id ?? '';
}

async function newsroom(settings: Partial<NewPublication> = {}): Promise<Newsroom> {
  const room = await openNewsroom(settings);
  rooms.push(room);
  return room;
}
