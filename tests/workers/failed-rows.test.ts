import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { listFailedRows } from '../../src/deliveries/alerts/reads.js';
import { addFeed } from '../../src/articles/feeds/change-feeds.js';
import { decideHold } from '../../src/articles/release/decide-hold.js';
import { pushArticle } from '../../src/articles/ingest/push-article.js';
import { createOperator } from '../../src/operators/accounts.js';
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../../src/platform/durations.js';
import { sql } from '../../src/platform/db/sql.js';
import type { Publication } from '../../src/publications/publication.js';
import { cancelDigest } from '../../src/digests/change-state.js';
import { retryDigest } from '../../src/deliveries/control/retry-digest.js';
import { sendOperatorDigest } from '../../src/deliveries/plan/operator-digest.js';
import { eraseSubscription } from '../../src/subscribers/erase/erase.js';
import { unsubscribe } from '../../src/subscribers/leave/unsubscribe.js';
import { pauseSubscription } from '../../src/subscribers/preferences/pause.js';
import { requestPreferencesLink } from '../../src/subscribers/preferences/link-request.js';
import { recordTrustedRequest } from '../../src/subscribers/sign-up/record-requests.js';
import {
  addArticles,
  addReader,
  addReaders,
  advanceAndRunJobs,
  readerAddresses,
  reloadReader,
  resetTestApp,
} from '../support/fixtures.js';
import { startFeedServer, type FeedServer } from '../support/feed-server.js';
import { describePlan, listDeliveries } from '../support/deliveries.js';
import { listMarks, poisonRow } from '../support/poisoned-rows.js';
import { readMails } from '../support/reader-actions.js';
import { openTestApp, type TestApp } from '../support/test-app.js';

let testApp: TestApp;
let publication: Publication;
const mends: (() => Promise<void>)[] = [];

/** Sunday, 06:00 in Nairobi: an hour before the readers' hour. */
const START = new Date('2026-11-22T03:00:00Z');

beforeAll(async () => {
  testApp = await openTestApp({ now: START });
});
beforeEach(async () => {
  await resetTestApp(testApp);
  publication = await testApp.createPublication();
});
afterEach(async () => {
  for (const mend of mends.splice(0)) await mend();
});
afterAll(() => testApp.close());

const db = () => testApp.context.db;
const marks = () => listMarks(db());
const poison = async (...row: [table: string, id: string, options?: { column?: string; code?: string }]) => {
  const mend = await poisonRow(db(), ...row);
  mends.push(mend);
  return mend;
};
const makeDue = () =>
  db().run(sql`update subscriptions set next_due_at = ${testApp.context.now()} where cadence <> 'instant'`);
const mailedTo = () => testApp.smtp.messages.map(({ to }) => to).toSorted();
const shown = () => listFailedRows(db(), { publicationId: publication.id, limit: 10 });

describe('a reader who cannot be planned does not keep the others waiting', () => {
  test('at their hour: she is marked, tried again later and later, and planned once she is mended', async () => {
    await addReaders(testApp, publication, readerAddresses(20), { cadence: 'daily' });
    const [, , poisoned] = await addReaders(
      testApp,
      publication,
      ['a@x.example', 'b@x.example', 'c@x.example'],
      {
        cadence: 'daily',
      },
    );
    if (poisoned === undefined) throw new Error('Nobody was added');
    await addArticles(testApp, publication, 'Harbour');
    await makeDue();
    const mend = await poison('subscriptions', poisoned.id);
    await testApp.handlers['plan-due']({});
    expect(await describePlan(testApp)).toHaveLength(22);
    const mark = { operation: 'plan-due', kind: 'subscription', rowId: poisoned.id, code: 'P0001' };
    expect(await marks()).toMatchObject([{ ...mark, failures: 1 }]);
    // Not in a tight loop: she is left alone for a minute, then for two.
    await testApp.handlers['plan-due']({});
    expect(await marks()).toMatchObject([{ failures: 1 }]);
    testApp.advanceClock(MINUTE_MS);
    await testApp.handlers['plan-due']({});
    expect(await marks()).toMatchObject([{ failures: 2 }]);
    testApp.advanceClock(MINUTE_MS);
    await testApp.handlers['plan-due']({});
    expect(await marks()).toMatchObject([{ failures: 2 }]);
    await mend();
    testApp.advanceClock(MINUTE_MS);
    await testApp.handlers['plan-due']({});
    expect(await describePlan(testApp)).toHaveLength(23);
    expect(await marks()).toEqual([]);
    expect((await reloadReader(testApp, poisoned)).watermark).toBe(1);
  });

  test.each(['erased', 'left'] as const)('and once she has %s nothing is shown of her', async (how) => {
    const reader = await addReader(testApp, publication, 'ada@example.com', { cadence: 'daily' });
    await addArticles(testApp, publication, 'Harbour');
    await makeDue();
    const mend = await poison('subscriptions', reader.id);
    await testApp.handlers['plan-due']({});
    expect(await shown()).toMatchObject([{ rowId: reader.id }]);
    await mend();
    if (how === 'erased') await eraseSubscription(testApp.context, reader.id);
    else await unsubscribe(testApp.context, reader.id);
    expect(await shown()).toEqual([]);
    testApp.advanceClock(HOUR_MS);
    await testApp.handlers['plan-due']({});
    expect(await marks()).toEqual([]);
  });

  test('with each article, and the sweep comes back to her', async () => {
    const [poisoned] = await addReaders(testApp, publication, ['a@x.example', 'b@x.example', 'c@x.example']);
    if (poisoned === undefined) throw new Error('Nobody was added');
    const mend = await poison('subscriptions', poisoned.id);
    await addArticles(testApp, publication, 'One', 'Two', 'Three', 'Four');
    await testApp.runDueJobs();
    expect(mailedTo()).toEqual(['b@x.example', 'c@x.example']);
    expect(await marks()).toMatchObject([{ operation: 'plan-instant', rowId: poisoned.id, failures: 1 }]);
    await mend();
    await advanceAndRunJobs(testApp, 2 * MINUTE_MS);
    expect(mailedTo()).toEqual(['a@x.example', 'b@x.example', 'c@x.example']);
    expect(await marks()).toEqual([]);
  });

  test('of an operator’s digest, whose planning comes back to her', async () => {
    const [poisoned] = await addReaders(testApp, publication, ['a@x.example', 'b@x.example', 'c@x.example'], {
      cadence: 'weekly',
    });
    await addArticles(testApp, publication, 'Harbour');
    const mend = await poison('deliveries', poisoned?.id ?? '', { column: 'subscription_id' });
    await sendOperatorDigest(testApp.context, publication.id);
    await testApp.runDueJobs();
    expect(mailedTo()).toEqual(['b@x.example', 'c@x.example']);
    expect(await marks()).toMatchObject([
      { operation: 'plan-digest', kind: 'subscription', rowId: poisoned?.id, code: 'P0001' },
    ]);
    await mend();
    await advanceAndRunJobs(testApp, 2 * MINUTE_MS);
    expect(mailedTo()).toEqual(['a@x.example', 'b@x.example', 'c@x.example']);
    expect(await marks()).toEqual([]);
    await advanceAndRunJobs(testApp, MINUTE_MS);
    expect(await db().many(sql`select state from digests`)).toEqual([{ state: 'closed' }]);
  });

  test.each(['08006', '40P01', '53200', '57014', '42703'])(
    'but what is no fault of hers (%s) fails the job, and nobody is marked',
    async (code) => {
      const [one] = await addReaders(testApp, publication, ['a@x.example', 'b@x.example'], {
        cadence: 'daily',
      });
      await addArticles(testApp, publication, 'Harbour');
      await makeDue();
      await poison('deliveries', one?.id ?? '', { column: 'subscription_id', code });
      await expect(testApp.handlers['plan-due']({})).rejects.toMatchObject({ code });
      expect([await marks(), await describePlan(testApp)]).toEqual([[], []]);
    },
  );
});

test('a reader who cannot be resumed does not keep others paused', async () => {
  const readers = await addReaders(testApp, publication, ['a@x.example', 'b@x.example', 'c@x.example'], {
    cadence: 'daily',
  });
  const pause = { until: new Date(testApp.context.now().getTime() + HOUR_MS), catchUp: false };
  for (const { id } of readers) await pauseSubscription(testApp.context, id, pause);
  const [poisoned] = readers;
  if (poisoned === undefined) throw new Error('Nobody was added');
  const mend = await poison('subscriptions', poisoned.id);
  testApp.advanceClock(2 * HOUR_MS);
  await testApp.handlers['resume-paused']({});
  const states = async () =>
    (await Promise.all(readers.map((one) => reloadReader(testApp, one)))).map(({ status }) => status);
  expect(await states()).toEqual(['paused', 'confirmed', 'confirmed']);
  expect(await marks()).toMatchObject([{ operation: 'resume-paused', rowId: poisoned.id, code: 'P0001' }]);
  await mend();
  testApp.advanceClock(5 * MINUTE_MS);
  await testApp.handlers['resume-paused']({});
  expect(await states()).toEqual(['confirmed', 'confirmed', 'confirmed']);
  expect(await marks()).toEqual([]);
});

describe('a mail that cannot be composed does not keep the others waiting', () => {
  test.each([
    ['time of consent', sql`update subscriptions set confirmed_at = 'infinity'`],
    ['address', sql`update subscribers set email = 'two@x.example, three@x.example'`],
  ])('for its reader’s %s: she is marked, and sent it when the digest is tried again', async (_, damage) => {
    const [poisoned] = await addReaders(testApp, publication, ['a@x.example', 'b@x.example']);
    if (poisoned === undefined) throw new Error('Nobody was added');
    await addArticles(testApp, publication, 'Harbour');
    await db().run(
      damage.text.includes('subscribers')
        ? sql`${damage} where id = ${poisoned.subscriberId}`
        : sql`${damage} where id = ${poisoned.id}`,
    );
    await testApp.runDueJobs();
    expect(mailedTo()).toEqual(['b@x.example']);
    const [delivery] = (await listDeliveries(testApp)).filter(({ state }) => state === 'skipped');
    expect(delivery).toMatchObject({ subscriptionId: poisoned.id, skipReason: 'not-composed' });
    expect(await marks()).toMatchObject([
      { operation: 'compose', kind: 'subscription', rowId: poisoned.id, retryAt: null },
    ]);
    await db().run(sql`update subscriptions set confirmed_at = now() where id = ${poisoned.id}`);
    await db().run(sql`update subscribers set email = 'a@x.example' where id = ${poisoned.subscriberId}`);
    await retryDigest(testApp.context, delivery?.digestId ?? '');
    await testApp.runDueJobs();
    expect(mailedTo()).toEqual(['a@x.example', 'b@x.example']);
    expect(await marks()).toEqual([]);
  });

  test('for one article: the digest goes out with the others', async () => {
    await addReaders(testApp, publication, ['a@x.example', 'b@x.example'], { cadence: 'daily' });
    const [poisoned = ''] = await addArticles(testApp, publication, 'Poison', 'Harbour');
    await db().run(sql`update articles set published_at = 'infinity' where id = ${poisoned}`);
    await makeDue();
    await testApp.handlers['plan-due']({});
    await testApp.runDueJobs();
    expect(mailedTo()).toEqual(['a@x.example', 'b@x.example']);
    for (const { text } of await readMails(testApp)) {
      expect(text).toContain('Harbour');
      expect(text).not.toContain('Poison');
    }
    expect(await marks()).toMatchObject([{ operation: 'compose', kind: 'article', rowId: poisoned }]);
  });

  test('for one list of articles: the readers of others are mailed, and those of this one on a retry', async () => {
    const [, other] = await addReaders(testApp, publication, ['a@x.example', 'b@x.example'], {
      cadence: 'daily',
    });
    const [poisoned = ''] = await addArticles(testApp, publication, 'Poison', 'Harbour');
    await db().run(sql`update subscriptions set topics = '{Sea}' where id = ${other?.id}`);
    await db().run(
      sql`update articles set categories = '{Sea}', published_at = 'infinity' where id = ${poisoned}`,
    );
    await makeDue();
    await testApp.handlers['plan-due']({});
    await testApp.runDueJobs();
    expect(mailedTo()).toEqual(['a@x.example']);
    const [digest] = await db().many<{ id: string }>(sql`select id from digests`);
    expect(await marks()).toMatchObject([
      { kind: 'article', rowId: poisoned },
      { operation: 'compose', kind: 'digest', rowId: digest?.id },
    ]);
    await db().run(sql`update articles set published_at = null where id = ${poisoned}`);
    await retryDigest(testApp.context, digest?.id ?? '');
    await testApp.runDueJobs();
    expect(mailedTo()).toEqual(['a@x.example', 'b@x.example']);
  });
});

test('a delivery that cannot be claimed does not keep its batch, and is sent once it is mended', async () => {
  const [poisoned] = await addReaders(testApp, publication, ['a@x.example', 'b@x.example', 'c@x.example']);
  await addArticles(testApp, publication, 'Harbour');
  await testApp.handlers['plan-instant']({ publicationId: publication.id });
  const mend = await poison('deliveries', poisoned?.id ?? '', { column: 'subscription_id' });
  await testApp.runDueJobs();
  expect(mailedTo()).toEqual(['b@x.example', 'c@x.example']);
  expect(await marks()).toMatchObject([{ operation: 'send-batch', rowId: poisoned?.id, failures: 1 }]);
  await advanceAndRunJobs(testApp, 15_000);
  expect(await marks()).toMatchObject([{ failures: 1 }]);
  await mend();
  await advanceAndRunJobs(testApp, 2 * MINUTE_MS);
  expect(mailedTo()).toEqual(['a@x.example', 'b@x.example', 'c@x.example']);
  expect(await marks()).toEqual([]);
});

describe('what became of a mail and cannot be recorded does not keep the others of its batch', () => {
  const readers = ['a@x.example', 'b@x.example', 'c@x.example'];
  const states = async () => (await listDeliveries(testApp)).map(({ email, state }) => `${email} ${state}`);
  /** At RCPT to b@x.example her row is damaged, and she is answered this. */
  async function sendDamaging(
    damage: (id: string) => Promise<unknown>,
    reply?: string,
  ): Promise<string | undefined> {
    const [, reader] = await addReaders(testApp, publication, readers);
    await addArticles(testApp, publication, 'Harbour');
    testApp.smtp.setScript(async (stage, address) => {
      if (stage !== 'rcpt' || address !== 'b@x.example') return undefined;
      await damage(reader?.id ?? '');
      return reply;
    });
    await testApp.runDueJobs();
    return reader?.id;
  }

  test('it is uncertain as soon as its row can be changed', async () => {
    let mend = async () => {};
    const rowId = await sendDamaging(async (id) => {
      mend = await poison('deliveries', id, { column: 'subscription_id' });
    });
    expect(mailedTo()).toEqual(readers);
    expect(await states()).toEqual(['a@x.example accepted', 'b@x.example sending', 'c@x.example accepted']);
    expect(await marks()).toMatchObject([
      { operation: 'record-result', kind: 'subscription', rowId, code: 'P0001', retryAt: expect.any(Date) },
    ]);
    await mend();
    testApp.advanceClock(MINUTE_MS);
    await testApp.handlers.sweep({});
    expect(await states()).toEqual(['a@x.example accepted', 'b@x.example uncertain', 'c@x.example accepted']);
    expect(await marks()).toEqual([]);
  });

  test('where only what follows from it cannot be, its state is', async () => {
    const rowId = await sendDamaging(
      (id) => poison('soft_bounces', id, { column: 'subscription_id' }),
      '451 4.2.1 Later',
    );
    expect(await states()).toEqual(['a@x.example accepted', 'b@x.example deferred', 'c@x.example accepted']);
    expect(await marks()).toMatchObject([{ operation: 'record-result', rowId, retryAt: null }]);
    expect(await shown()).toMatchObject([{ rowId }]);
  });
});

describe('a job of one row that cannot be done is shown to operators, and done once the row is mended', () => {
  type Job = { kind: string; rowId: string; poisoned: [table: string, id: string, column?: string] };
  const run: Record<string, () => Promise<Job & { handle: () => Promise<void> }>> = {
    'send-welcome': async () => {
      const reader = await addReader(testApp, publication, 'ada@example.com');
      const { id: consentId } = await db().one<{ id: string }>(sql`
        insert into consents (subscription_id, kind, created_at)
        values (${reader.id}, 'confirmed', ${testApp.context.now()})
        returning id
      `);
      return {
        handle: () => testApp.handlers['send-welcome']({ consentId }),
        ...{ kind: 'subscription', rowId: reader.id, poisoned: ['notices', reader.id, 'subscription_id'] },
      };
    },
    'answer-link-request': async () => {
      await addReader(testApp, publication, 'ada@example.com');
      const asked = { publicationId: publication.id, email: 'ada@example.com' };
      await requestPreferencesLink(testApp.context, asked);
      const { id } = await db().one<{ id: string }>(sql`select id from link_requests`);
      return {
        handle: () => testApp.handlers['answer-link-request']({ requestId: id }),
        ...{ kind: 'link-request', rowId: id, poisoned: ['link_requests', id] },
      };
    },
    'subscribe-hub': async () => {
      const feeds = await startFeedServer();
      mends.push(() => feeds.close());
      const added = await addFeed(testApp.context, {
        ...{ publicationId: publication.id, url: feeds.url, includeNewest: 0 },
      });
      if (added.kind !== 'added') throw new Error('The feed was not added');
      const { feedId: id } = added;
      await db().run(sql`update feeds set hub_url = ${feeds.url}, hub_topic = ${feeds.url} where id = ${id}`);
      return {
        handle: () => testApp.handlers['subscribe-hub']({ feedId: id }),
        ...{ kind: 'feed', rowId: id, poisoned: ['feeds', id] },
      };
    },
  };

  test.each(Object.keys(run))('%s', async (operation) => {
    const { handle, kind, rowId, poisoned } = (await run[operation]?.()) ?? {
      ...{ handle: async () => {}, kind: '', rowId: '', poisoned: ['', ''] as const },
    };
    const [table, id, column = 'id'] = poisoned;
    const mend = await poison(table, id, { column });
    await expect(handle()).rejects.toMatchObject({ code: 'P0001' });
    expect(await shown()).toMatchObject([{ operation, kind, rowId, code: 'P0001', failures: 1 }]);
    await mend();
    await handle();
    expect(await marks()).toEqual([]);
  });
});

test('a notice that cannot be taken from a dead worker does not keep the others', async () => {
  const [first, second] = await addReaders(testApp, publication, ['a@x.example', 'b@x.example']);
  const { now } = testApp.context;
  for (const reader of [first, second])
    await db().run(sql`
      insert into notices (kind, cause_id, publication_id, subscription_id, state, due_at, leased_until, expires_at, created_at, updated_at)
      values ('welcome', ${reader?.id}, ${publication.id}, ${reader?.id}, 'sending', ${now()},
              ${new Date(now().getTime() - HOUR_MS)}, ${new Date(now().getTime() + DAY_MS)}, ${now()}, ${now()})
    `);
  const mend = await poison('notices', first?.id ?? '', { column: 'subscription_id' });
  const states = async () =>
    (await db().many<{ state: string }>(sql`select state from notices order by id`)).map(
      ({ state }) => state,
    );
  await testApp.handlers.sweep({});
  expect(await states()).toEqual(['sending', 'queued']);
  expect(await marks()).toMatchObject([{ operation: 'sweep', kind: 'notice', code: 'P0001' }]);
  await mend();
  testApp.advanceClock(MINUTE_MS);
  await testApp.handlers.sweep({});
  expect([await states(), await marks()]).toEqual([['queued', 'queued'], []]);
});

test('a batch that cannot be changed does not keep the others of its digest from being cancelled', async () => {
  const [poisoned] = await addReaders(testApp, publication, ['a@x.example', 'b@x.example'], {
    cadence: 'daily',
  });
  await addArticles(testApp, publication, 'Harbour');
  await makeDue();
  await testApp.handlers['plan-due']({});
  const [digest] = await db().many<{ id: string }>(sql`select id from digests`);
  const digestId = digest?.id ?? '';
  await db().run(
    sql`insert into batches (digest_id, number, due_at) values (${digestId}, 99, ${testApp.context.now()})`,
  );
  await db().run(sql`update deliveries set batch = 99 where subscription_id <> ${poisoned?.id}`);
  await cancelDigest(testApp.context, digestId);
  const mend = await poison('deliveries', poisoned?.id ?? '', { column: 'subscription_id' });
  await expect(testApp.handlers['cancel-deliveries']({ digestId })).rejects.toMatchObject({ code: 'P0001' });
  const states = async () => (await listDeliveries(testApp)).map(({ email, state }) => `${email} ${state}`);
  expect(await states()).toEqual(['a@x.example queued', 'b@x.example skipped']);
  expect(await marks()).toMatchObject([{ operation: 'cancel-deliveries', kind: 'digest', rowId: digestId }]);
  await mend();
  await testApp.handlers['cancel-deliveries']({ digestId });
  expect([await states(), await marks()]).toEqual([['a@x.example skipped', 'b@x.example skipped'], []]);
});

describe('a notice that cannot be composed', () => {
  const ask = (email: string) =>
    recordTrustedRequest(testApp.context, {
      ...{ publicationId: publication.id, email, locale: null, timezone: null, cadence: null },
      ...{ topics: [], source: null },
    });
  /** They ask, and before they are mailed one of them is damaged. */
  const askBoth = async () => {
    await addReaders(testApp, publication, ['a@x.example', 'b@x.example']);
    await ask('a@x.example');
    await ask('b@x.example');
    await db().run(
      sql`update subscribers set email = 'a@x.example, c@x.example' where email = 'a@x.example'`,
    );
    await testApp.runDueJobs();
    expect(mailedTo()).toEqual(['b@x.example']);
  };
  const state = () =>
    db().many(
      sql`select state, skip_reason from notices where kind = 'already-subscribed' order by state desc`,
    );

  test('waits, and goes out once it is mended', async () => {
    await askBoth();
    expect(await marks()).toMatchObject([{ operation: 'send-notice', kind: 'notice', code: 'Error' }]);
    expect(await state()).toMatchObject([{ state: 'queued' }, { state: 'accepted' }]);
    await db().run(sql`update subscribers set email = 'a@x.example' where email like 'a@x.example,%'`);
    await advanceAndRunJobs(testApp, 5 * MINUTE_MS);
    expect(mailedTo()).toEqual(['a@x.example', 'b@x.example']);
    expect(await marks()).toEqual([]);
  });

  test('is given up when it is of no use any more, and operators are told', async () => {
    await createOperator(testApp.context, {
      email: 'owner@lantern.example',
      name: null,
      grant: 'administrator',
    });
    await askBoth();
    for (let hours = 0; hours < 80; hours += 1) await advanceAndRunJobs(testApp, HOUR_MS);
    expect(await state()).toEqual([
      { state: 'skipped', skipReason: 'not-composed' },
      { state: 'accepted', skipReason: null },
    ]);
    expect(await marks()).toMatchObject([{ operation: 'send-notice', retryAt: null }]);
    await testApp.handlers['alert-operators']({});
    await testApp.runDueJobs();
    expect(mailedTo()).toContain('owner@lantern.example');
  });
});

test('a sign-up that cannot be answered does not keep the others, nor its job, and is answered once it is mended', async () => {
  const ask = async (email: string) =>
    (
      await recordTrustedRequest(testApp.context, {
        ...{ publicationId: publication.id, email, locale: null, timezone: null, cadence: null },
        ...{ topics: [], source: null },
      })
    ).id;
  const [poisoned, fine] = [await ask('a@x.example'), await ask('b@x.example')];
  await db().run(sql`delete from outbox`);
  const mend = await poison('sign_up_requests', poisoned);
  await testApp.handlers['answer-sign-ups']({ requestIds: [poisoned, fine] });
  await testApp.runDueJobs();
  expect(mailedTo()).toEqual(['b@x.example']);
  expect(await marks()).toMatchObject([{ operation: 'answer-sign-ups', kind: 'sign-up', rowId: poisoned }]);
  await mend();
  await advanceAndRunJobs(testApp, 2 * MINUTE_MS);
  expect(mailedTo()).toEqual(['a@x.example', 'b@x.example']);
  expect(await marks()).toEqual([]);
});

describe('an article that cannot be changed does not keep the others', () => {
  test('from being released', async () => {
    const push = (title: string) =>
      pushArticle(testApp.context, publication, { title, summary: 'Told in full.' });
    const added = [await push('One'), await push('Poison'), await push('Three')];
    const [, poisoned] = added;
    const mend = await poison('articles', poisoned?.id ?? '');
    await testApp.runDueJobs();
    const released = () =>
      db().many(sql`select title, seq from articles where state = 'released' order by seq`);
    expect(await released()).toEqual([
      { title: 'One', seq: 1 },
      { title: 'Three', seq: 2 },
    ]);
    expect(await marks()).toMatchObject([
      { operation: 'release-articles', kind: 'article', rowId: poisoned?.id },
    ]);
    await mend();
    testApp.advanceClock(2 * MINUTE_MS);
    await testApp.handlers['release-due']({});
    await testApp.runDueJobs();
    expect(await released()).toHaveLength(3);
    expect(await marks()).toEqual([]);
  });

  test('from an operator’s decision about what was held with it', async () => {
    const held = await db().one<{ id: string }>(sql`
      insert into article_holds (publication_id, code, new_items, total_items, held_items, held_at)
      values (${publication.id}, 'flood', 3, 3, 3, ${testApp.context.now()})
      returning id
    `);
    const ids: string[] = [];
    for (const title of ['One', 'Poison', 'Three'])
      ids.push((await pushArticle(testApp.context, publication, { title, summary: 'Told in full.' })).id);
    await db().run(sql`update articles set state = 'held', hold_id = ${held.id}`);
    const mend = await poison('articles', ids[1] ?? '');
    expect(await decideHold(testApp.context, held.id, 'all')).toMatchObject({
      released: 2,
      skipped: 0,
      failed: 1,
    });
    expect(await marks()).toMatchObject([{ operation: 'decide-hold', rowId: ids[1] }]);
    await mend();
    expect(await decideHold(testApp.context, held.id, 'none')).toEqual({
      ...{ kind: 'decided', publicationId: publication.id, released: 0, skipped: 1 },
    });
    expect(await marks()).toEqual([]);
  });
});

test('a subscription that cannot be deleted does not keep other unconfirmed ones, nor the rest of the purge', async () => {
  const readers = await addReaders(testApp, publication, ['a@x.example', 'b@x.example'], {
    status: 'pending',
  });
  await db().run(sql`update subscriptions set confirmed_at = null`);
  const mend = await poison('subscriptions', readers[0]?.id ?? '');
  testApp.advanceClock(8 * DAY_MS);
  await testApp.handlers.purge({});
  const left = () => db().many(sql`select id from subscriptions`);
  expect(await left()).toEqual([{ id: readers[0]?.id }]);
  expect(await marks()).toMatchObject([{ operation: 'purge', rowId: readers[0]?.id }]);
  await mend();
  testApp.advanceClock(HOUR_MS);
  await testApp.handlers.purge({});
  expect([await left(), await marks()]).toEqual([[], []]);
});

test('operators are mailed once about all that is left out of a newsletter, by ids and without an address', async () => {
  await createOperator(testApp.context, {
    email: 'owner@lantern.example',
    name: null,
    grant: 'administrator',
  });
  const readers = await addReaders(testApp, publication, ['a@x.example', 'b@x.example'], {
    cadence: 'daily',
  });
  await addArticles(testApp, publication, 'Harbour');
  // The alert is about this setting too, and is mailed all the same.
  await db().run(
    sql`update publications set timezone = 'Mars/Olympus_Mons', notice_address = 'not an address'`,
  );
  await testApp.createPublication({ slug: 'other', name: 'The Other' });
  await makeDue();
  await poison('subscriptions', publication.id, { column: 'publication_id' });
  await testApp.handlers['plan-due']({});
  for (let minutes = 0; minutes < 3; minutes += 1) {
    await testApp.handlers['alert-operators']({});
    await testApp.runDueJobs();
    testApp.advanceClock(MINUTE_MS);
  }
  const [alert, ...others] = await readMails(testApp);
  expect([others, alert?.to, alert?.subject]).toEqual([
    [],
    'owner@lantern.example',
    'The Lantern: 2 things were left out',
  ]);
  for (const { id } of readers) expect(alert?.text).toContain(id);
  expect(alert?.text).not.toMatch(/x\.example/);
});

describe('a feed that cannot be processed', () => {
  let feeds: FeedServer;
  let feedId: string;
  const feed = () =>
    db().one<{ failure: { code: string } | null; failingSince: Date | null; nextPollAt: Date }>(
      sql`select failure, failing_since, next_poll_at from feeds where id = ${feedId}`,
    );
  const titles = async () =>
    (await db().many<{ title: string }>(sql`select title from articles order by title`)).map(
      ({ title }) => title,
    );

  beforeEach(async () => {
    feeds = await startFeedServer();
    const added = await addFeed(testApp.context, {
      publicationId: publication.id,
      url: feeds.url,
      includeNewest: 0,
    });
    feedId = added.kind === 'added' ? added.feedId : '';
    await testApp.handlers['poll-feed']({ feedId });
  });
  afterEach(() => feeds.close());

  test('for one item brings the others, says so, and brings that one once it is mended', async () => {
    const before = await titles();
    const date = testApp.context.now();
    feeds.articles.unshift(...['One', 'Poison', 'Three'].map((title) => ({ id: title, title, date })));
    const mend = await poison('articles', 'Poison', { column: 'title' });
    await testApp.handlers['poll-feed']({ feedId });
    expect(await titles()).toEqual([...before, 'One', 'Three'].toSorted());
    expect(await feed()).toMatchObject({ failure: { code: 'items-not-stored', count: 1 } });
    expect(await marks()).toMatchObject([
      { operation: 'poll-feed', kind: 'feed', rowId: feedId, code: 'P0001' },
    ]);
    await mend();
    await testApp.handlers['poll-feed']({ feedId });
    expect(await titles()).toEqual([...before, 'One', 'Poison', 'Three'].toSorted());
    expect([(await feed()).failure, await marks()]).toEqual([null, []]);
  });

  test('as a whole is polled later and later, and says so', async () => {
    await db().run(sql`update feeds set etag = ${'a\nb'} where id = ${feedId}`);
    await testApp.handlers['poll-feed']({ feedId });
    const { failure, nextPollAt } = await feed();
    expect(failure).not.toBeNull();
    expect(nextPollAt.getTime()).toBeGreaterThan(testApp.context.now().getTime());
  });
});
