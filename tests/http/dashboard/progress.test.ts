import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import {
  createProgressFeeds,
  type ProgressEvent,
} from '../../../src/http/dashboard/digests/progress/feeds.js';
import { createStreams } from '../../../src/http/dashboard/digests/progress/streams.js';
import { sendOperatorDigest } from '../../../src/deliveries/plan/operator-digest.js';
import { pauseDigestByOperator } from '../../../src/digests/change-state.js';
import type { Operator } from '../../../src/operators/operator.js';
import { MINUTE_MS, SECOND_MS } from '../../../src/platform/durations.js';
import { sql } from '../../../src/platform/db/sql.js';
import type { Publication } from '../../../src/publications/publication.js';
import { addArticles, addReaders, readerAddresses, resetTestApp } from '../../support/fixtures.js';
import { addOperator, enterDashboard, readDashboardPage } from '../../support/operator-session.js';
import { openBrowser } from '../../support/browser.js';
import { describeInChromium } from '../../support/chromium-tests.js';
import { recountDeliveries } from '../../support/recount-deliveries.js';
import { openTestApp, type TestApp } from '../../support/test-app.js';
import { waitUntil } from '../../support/wait-until.js';

let testApp: TestApp;
let publication: Publication;
let editor: Operator;
let cookie: string;
let digestId: string;

beforeAll(async () => {
  testApp = await openTestApp();
});
afterAll(() => testApp.close());

beforeEach(async () => {
  await resetTestApp(testApp);
  publication = await testApp.createPublication({ timezone: 'Africa/Nairobi' });
  await addReaders(testApp, publication, readerAddresses(40), { watermark: 0 });
  await addArticles(testApp, publication, 'Harbour');
  const sent = await sendOperatorDigest(testApp.context, publication.id, {});
  if (sent.kind !== 'sending') throw new Error('Nothing was sent');
  ({ digestId } = sent);
  await testApp.handlers['plan-digest']({ digestId });
  editor = await addOperator(testApp, 'editor@lantern.example', 'editor');
  cookie = await enterDashboard(testApp, editor.id);
});

const path = () => `${testApp.url}/operator/publications/lantern/digests/${digestId}`;

/** So many of its mails are accepted, as if a worker had sent them. */
async function accept(count: number): Promise<void> {
  await testApp.context.db.run(sql`
    update deliveries set state = 'accepted'
     where (digest_id, subscription_id) in (select digest_id, subscription_id from deliveries
                                             where state = 'queued' order by 2 limit ${count})
  `);
  await recountDeliveries(testApp.context.db);
}

/** What a page that shows the progress is told; `over` once nothing more comes. */
async function follow(as = cookie) {
  const leaving = new AbortController();
  const answer = await fetch(`${path()}/progress`, { headers: { cookie: as }, signal: leaving.signal });
  const told = { text: '', isOver: false };
  const read = async () => {
    const decoder = new TextDecoder();
    for await (const part of answer.body ?? []) told.text += decoder.decode(part as Uint8Array);
  };
  void read()
    .catch(() => undefined)
    .then(() => (told.isOver = true));
  return { answer, told, leave: () => leaving.abort() };
}

test('numbers, pace and end follow while it is sent, and the stream ends when it is paused', async () => {
  const { answer, told } = await follow();
  expect(answer.headers.get('content-type')).toBe('text/event-stream; charset=utf-8');
  expect(answer.headers.get('cache-control')).toBe('no-store, no-transform');
  await waitUntil(() => told.text.includes('Being sent: 0 of 40.'));
  await accept(10);
  testApp.advanceClock(MINUTE_MS / 2);
  await waitUntil(() => told.text.includes('Being sent: 10 of 40 · 20 a minute · about 12:02'));
  expect(told.text).toMatch(/"progress-ledger":".*Accepted by mail server.*deliveries\?state=accepted/);
  expect(told.text).not.toContain('reader-1@');
  await pauseDigestByOperator({ ...testApp.context, actor: { kind: 'system' } }, digestId);
  await waitUntil(() => told.isOver);
  expect(told.text).toMatch(/event: over\ndata: \n\n$/);
  const late = await follow();
  await waitUntil(() => late.told.isOver);
  expect(late.told.text).toContain('event: over');
});

test('what is about to be sent is followed until it begins, and what was paused until nothing is on its way', async () => {
  await addArticles(testApp, publication, 'Quay');
  const sent = await sendOperatorDigest(testApp.context, publication.id, {});
  if (sent.kind !== 'sending') throw new Error('Nothing was sent');
  ({ digestId } = sent);
  const early = await follow();
  await waitUntil(() => early.told.text.includes('About to be sent.'));
  expect(await readDashboardPage(testApp, `/publications/lantern/digests/${digestId}`, cookie)).toMatch(
    /^ Quay A digest by hand /,
  );
  await testApp.handlers['plan-digest']({ digestId });
  await waitUntil(() => early.told.isOver);

  const { db } = testApp.context;
  const set = async (from: string, to: string) => {
    await db.run(sql`update deliveries set state = ${to} where state = ${from} and digest_id = ${digestId}`);
    await recountDeliveries(db);
  };
  await set('queued', 'sending');
  await pauseDigestByOperator({ ...testApp.context, actor: { kind: 'system' } }, digestId);
  const paused = await follow();
  await waitUntil(() => paused.told.text.includes('Paused: 0 readers have it.'));
  const words = await readDashboardPage(testApp, `/publications/lantern/digests/${digestId}`, cookie);
  expect(words).toContain('40 mails are with the workers at this moment');
  await set('sending', 'queued');
  await waitUntil(() => paused.told.isOver);
});

test('without script the page looks again by itself, but for who wants it to stay', async () => {
  const html = async (query = '') => (await fetch(path() + query, { headers: { cookie } })).text();
  const meta = /<noscript><meta http-equiv="refresh" content="10; url=[^"]*\/digests\/[\w-]+"><\/noscript>/;
  expect(await html()).toMatch(meta);
  expect(await html('?refresh=off')).not.toMatch(/http-equiv="refresh"|progress\.js/);
  testApp.advanceClock(MINUTE_MS / 4);
  await accept(4);
  const words = await readDashboardPage(testApp, `/publications/lantern/digests/${digestId}`, cookie);
  expect(words).toContain('Being sent: 4 of 40 · 16 a minute · about 12:03');
  await pauseDigestByOperator({ ...testApp.context, actor: { kind: 'system' } }, digestId);
  expect(await html()).not.toMatch(/http-equiv="refresh"|progress-[\w]*\.js/);
});

test('a session has three streams at most, and another session has its own', async () => {
  const three = [await follow(), await follow(), await follow()];
  const fourth = await follow();
  expect(fourth.answer.status).toBe(429);
  const other = await follow(await enterDashboard(testApp, editor.id));
  expect(other.answer.status).toBe(200);
  three[0]?.leave();
  await waitUntil(async () => {
    const again = await follow();
    again.leave();
    return again.answer.status === 200;
  });
  for (const { leave } of [...three, other]) leave();
});

test('who signs out, or has no role any more, is shown nothing more within seconds', async () => {
  const [out, demoted] = [await follow(), await follow(await enterDashboard(testApp, editor.id))];
  await waitUntil(() => out.told.text.includes('Being sent') && demoted.told.text.includes('Being sent'));
  await fetch(`${testApp.url}/operator/sign-out`, {
    method: 'POST',
    headers: { cookie },
    redirect: 'manual',
  });
  await waitUntil(() => out.told.isOver, 8 * SECOND_MS);
  expect(demoted.told.isOver).toBe(false);
  await testApp.context.db.run(sql`delete from operator_roles where operator_id = ${editor.id}`);
  await waitUntil(() => demoted.told.isOver, 8 * SECOND_MS);
});

test('digests of another newsletter, and of none, have no stream', async () => {
  const other = await testApp.createPublication({ slug: 'tide' });
  const stranger = await addOperator(testApp, 'tide@lantern.example', 'editor');
  await testApp.context.db.run(
    sql`delete from operator_roles where operator_id = ${stranger.id} and publication_id <> ${other.id}`,
  );
  const as = await enterDashboard(testApp, stranger.id);
  for (const slug of ['lantern', 'tide']) {
    const url = `${testApp.url}/operator/publications/${slug}/digests/${digestId}/progress`;
    expect((await fetch(url, { headers: { cookie: as } })).status).toBe(404);
  }
});

test('however many look at a digest, it is read once for all of them, and not at all when nobody looks', async () => {
  const { context } = testApp;
  let reads = 0;
  const maybe: typeof context.db.maybe = (query) => {
    reads += 1;
    return context.db.maybe(query);
  };
  const db = Object.assign(Object.create(context.db) as typeof context.db, { maybe });
  const feeds = createProgressFeeds({ ...context, db });
  const heard: ProgressEvent[][] = Array.from({ length: 20 }, () => []);
  const stops = heard.map((events) => feeds.watch(digestId, (event) => events.push(event)));
  await waitUntil(() => heard.every(({ length }) => length >= 2), 5 * SECOND_MS);
  expect(reads).toBeLessThanOrEqual(3);
  for (const stop of stops) stop();
  const after = reads;
  await new Promise((resolve) => setTimeout(resolve, 1_500));
  expect(reads - after).toBeLessThanOrEqual(1);
});

test('streams end when the process is to stop', async () => {
  const stopping = new AbortController();
  const streams = createStreams(stopping.signal);
  const server = createServer();
  const { default: express } = await import('express');
  const app = express();
  app.get('/', (req, res) => {
    streams.open(req, res, 'one')?.send('hello', 'a\nb');
  });
  server.on('request', app).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const answer = await fetch(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
  stopping.abort();
  expect(await answer.text()).toBe('retry: 3000\n\nevent: hello\ndata: a\ndata: b\n\n');
  await new Promise((resolve) => server.close(resolve));
});

describeInChromium('in Chromium', () => {
  test('the numbers of an open page follow, the keyboard stays where it is, and a pause is shown by itself', async () => {
    const browser = await openBrowser();
    try {
      const page = await browser.newPage();
      const [name = '', value = ''] = cookie.split('=');
      await page.context().addCookies([{ name, value, url: testApp.url }]);
      await page.goto(path());
      await page.getByText('Being sent: 0 of 40.').waitFor();
      const waiting = page.getByRole('link', { name: 'Waiting: 40, who' });
      await waiting.focus();
      await accept(10);
      await page.getByText('Being sent: 10 of 40').waitFor();
      expect(await page.evaluate('document.activeElement.getAttribute("aria-label")')).toBe(
        'Waiting: 30, who',
      );
      await pauseDigestByOperator({ ...testApp.context, actor: { kind: 'system' } }, digestId);
      await page.getByRole('button', { name: 'Resume' }).waitFor();
    } finally {
      await browser.close();
    }
  });

  test('what somebody has opened is not taken away: she is told that it has changed', async () => {
    const browser = await openBrowser();
    try {
      const page = await browser.newPage();
      const [name = '', value = ''] = cookie.split('=');
      await page.context().addCookies([{ name, value, url: testApp.url }]);
      await page.goto(path());
      await page.getByText('Cancel the rest').click();
      await pauseDigestByOperator({ ...testApp.context, actor: { kind: 'system' } }, digestId);
      await page.getByText('It has changed.').waitFor();
      expect(await page.getByRole('button', { name: 'Cancel for good' }).isVisible()).toBe(true);
      await page.getByRole('link', { name: 'Look again' }).click();
      await page.getByRole('button', { name: 'Resume' }).waitFor();
    } finally {
      await browser.close();
    }
  });
});
