import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { pushArticle } from '../../../../src/articles/ingest/push-article.js';
import { sql } from '../../../../src/platform/db/sql.js';
import { MINUTE_MS } from '../../../../src/platform/durations.js';
import type { Publication } from '../../../../src/publications/publication.js';
import { readReaderCounts } from '../../../../src/subscribers/counts/reads.js';
import { unsubscribe } from '../../../../src/subscribers/leave/unsubscribe.js';
import { findForm } from '../../../support/html-form.js';
import {
  lastMail,
  linkIn,
  open,
  post,
  readMails,
  requestConfirmLink,
  subscriptionOf,
} from '../../../support/reader-actions.js';
import { openTestApp, type TestApp } from '../../../support/test-app.js';

const AGAIN = 'Please press once more';

let testApp: TestApp;
let publication: Publication;
let email: string;
let count = 0;

beforeAll(async () => {
  testApp = await openTestApp();
  publication = await testApp.createPublication({ topics: ['Harbour'] });
});
beforeEach(() => {
  email = `reader-${(count += 1)}@example.com`;
});
afterAll(() => testApp.close());

/** One look at the page: what pressing its two buttons sends. */
async function visit(link: string) {
  const html = await (await open(link)).text();
  return pressesOf(html, link);
}

function pressesOf(html: string, link: string) {
  const path = new URL(link).pathname;
  const [button, trap] = [findForm(html, path), findForm(html, `${path}/trap`)];
  const press = (form: typeof button) => post(`${testApp.url}${form.action}`, form.fields);
  return { html, number: button.fields['visit'], confirm: () => press(button), trap: () => press(trap) };
}

const statusOf = async () => (await subscriptionOf(testApp, email)).status;
const consents = async () =>
  testApp.context.db.many<{ takenBackAt: Date | null; createdAt: Date; confirmIp: string | null }>(sql`
    select c.taken_back_at, c.created_at, host(c.confirm_ip) as confirm_ip
      from consents c
     where c.subscription_id = ${(await subscriptionOf(testApp, email)).id}
     order by c.id
  `);
const subjects = async () =>
  (await readMails(testApp)).filter(({ to }) => to === email).map(({ subject }) => subject);
const history = async () =>
  testApp.context.db.many<{ kind: string }>(sql`
    select kind
      from activity
     where subject_id = ${(await subscriptionOf(testApp, email)).id}
     order by id
  `);

test('the page has a second button that no person sees or reaches, and each look at it is another visit', async () => {
  const link = await requestConfirmLink(testApp, email);
  const [first, second] = [await visit(link), await visit(link)];
  expect(first.html).toMatch(
    /<form [^>]*hidden inert>.*<button hidden inert>Not for people<\/button><\/form>/,
  );
  expect(first.number).toMatch(/^[\w-]{22}$/);
  expect(second.number).not.toBe(first.number);
});

describe('a program that presses both buttons of one page', () => {
  test.each([
    ['the seen one first', ['confirm', 'trap']],
    ['the hidden one first', ['trap', 'confirm']],
    ['the seen one twice', ['confirm', 'confirm', 'trap', 'confirm']],
    ['the hidden one twice', ['trap', 'trap', 'confirm', 'trap']],
  ] as const)('confirms nothing: %s', async (_, presses) => {
    const link = await requestConfirmLink(testApp, email);
    const before = await subscriptionOf(testApp, email);
    const page = await visit(link);
    let answer = '';
    for (const press of presses) {
      const response = await page[press]();
      answer = await response.text();
      if (press === 'trap') expect([response.status, answer.includes(AGAIN)]).toEqual([409, true]);
    }
    expect(answer).toContain(AGAIN);
    expect(await subscriptionOf(testApp, email)).toEqual(before);
    expect((await consents()).filter(({ takenBackAt }) => takenBackAt === null)).toEqual([]);
    await testApp.runDueJobs();
    expect(await subjects()).toEqual(['Confirm your subscription to The Lantern']);
    // The button of the page that says so is a fresh one.
    const again = pressesOf(answer, link);
    expect(again.number).not.toBe(page.number);
    expect((await again.confirm()).status).toBe(303);
    await testApp.runDueJobs();
    expect(await statusOf()).toBe('confirmed');
    expect(await subjects()).toHaveLength(2);
  });

  test('at the same moment confirms nothing either, in whatever order the presses arrive', async () => {
    for (const presses of [
      ['confirm', 'trap'],
      ['trap', 'confirm'],
      ['confirm', 'trap', 'confirm', 'trap', 'confirm', 'trap'],
    ] as const) {
      email = `at-once-${(count += 1)}@example.com`;
      const page = await visit(await requestConfirmLink(testApp, email));
      await Promise.all(presses.map((press) => page[press]()));
      expect(await statusOf()).toBe('pending');
    }
  });

  test('within ten minutes, and no longer', async () => {
    for (const [presses, minutes, status] of [
      [['confirm', 'trap'], 10, 'pending'],
      [['trap', 'confirm'], 10, 'pending'],
      [['confirm', 'trap'], 10.01, 'confirmed'],
      [['trap', 'confirm'], 10.01, 'confirmed'],
    ] as const) {
      email = `minutes-${(count += 1)}@example.com`;
      const page = await visit(await requestConfirmLink(testApp, email));
      await page[presses[0]]();
      testApp.advanceClock(minutes * MINUTE_MS);
      const answer = await page[presses[1]]();
      expect([presses, minutes, await statusOf()]).toEqual([presses, minutes, status]);
      expect((await answer.text()).includes(AGAIN)).toBe(status === 'pending');
    }
    await testApp.runDueJobs();
  });

  test('shows in her history, and leaves the figures as they were', async () => {
    const link = await requestConfirmLink(testApp, email);
    const figures = await readReaderCounts(testApp.context.db, publication.id);
    const joined = await joinedCount();
    const page = await visit(link);
    await page.confirm();
    await page.trap();
    expect(await history()).toEqual([
      { kind: 'subscription.confirmed' },
      { kind: 'subscription.confirmation-taken-back' },
    ]);
    expect(await readReaderCounts(testApp.context.db, publication.id)).toEqual(figures);
    expect(await joinedCount()).toBe(joined);
    expect(await consents()).toEqual([expect.objectContaining({ takenBackAt: testApp.context.now() })]);
  });

  test('gives back what the press had changed: the caps of her mails, and suppressions', async () => {
    const link = await requestConfirmLink(testApp, email);
    const hash = testApp.context.hashAddress(email);
    await testApp.context.db.run(sql`
      insert into suppressions (address_hash, publication_id, reason, created_at)
      values (${hash}, ${publication.id}, 'erased', now()), (${hash}, null, 'bounced', now())
    `);
    const kept = () =>
      testApp.context.db.one<{ kept: unknown }>(sql`
        select jsonb_build_array(
          (select jsonb_agg(to_jsonb(s) order by s.id) from suppressions s where address_hash = ${hash}),
          (select jsonb_agg(to_jsonb(m)) from capped_mails m where address_hash = ${hash})) as kept
      `);
    const before = await kept();
    const page = await visit(link);
    await page.confirm();
    expect(await kept()).toEqual({ kept: [null, null] });
    await page.trap();
    expect(await kept()).toEqual(before);
  });

  test('gets no mail of articles that came in between', async () => {
    const page = await visit(await requestConfirmLink(testApp, email, { cadence: 'instant' }));
    await page.confirm();
    await pushArticle(testApp.context, publication, { title: 'In between', content: '<p>News.</p>' });
    await page.trap();
    testApp.advanceClock(15 * MINUTE_MS);
    await testApp.runDueJobs();
    expect(await subjects()).toEqual(['Confirm your subscription to The Lantern']);
  });

  test('keeps an ended subscription ended, as it was', async () => {
    const link = await requestConfirmLink(testApp, email, { cadence: 'weekly' });
    await post(link);
    await testApp.runDueJobs();
    await unsubscribe(testApp.context, (await subscriptionOf(testApp, email)).id);
    const before = await subscriptionOf(testApp, email);
    const page = await visit(await requestConfirmLink(testApp, email, { cadence: 'daily' }));
    await page.confirm();
    expect(await subscriptionOf(testApp, email)).toMatchObject({ status: 'confirmed', cadence: 'daily' });
    await page.trap();
    expect(await subscriptionOf(testApp, email)).toEqual(before);
  });
});

describe('a person and a program that open the same link', () => {
  test.each([
    ['she presses last', ['S.confirm', 'S.trap', 'H.confirm']],
    ['she presses first', ['H.confirm', 'S.confirm', 'S.trap']],
    ['she presses in between', ['S.confirm', 'H.confirm', 'S.trap']],
    ['the program begins with the hidden button', ['S.trap', 'H.confirm', 'S.confirm']],
    ['the program goes on and on', ['S.trap', 'S.confirm', 'H.confirm', 'S.trap', 'S.confirm', 'S.trap']],
  ] as const)(
    'are told apart: her own visit counts, with one proof and one welcome: %s',
    async (_, presses) => {
      const link = await requestConfirmLink(testApp, email);
      const pages = { S: await visit(link), H: await visit(link) };
      let pressedAt = testApp.context.now();
      for (const press of presses) {
        testApp.advanceClock(1000);
        const [who, what] = press.split('.') as ['S' | 'H', 'confirm' | 'trap'];
        if (who === 'H') pressedAt = testApp.context.now();
        const answer = await pages[who][what]();
        if (who === 'H') expect(answer.status).toBe(303);
      }
      await testApp.runDueJobs();
      expect(await subscriptionOf(testApp, email)).toMatchObject({
        status: 'confirmed',
        confirmedAt: pressedAt,
      });
      const standing = (await consents()).filter(({ takenBackAt }) => takenBackAt === null);
      expect(standing).toEqual([expect.objectContaining({ createdAt: pressedAt })]);
      expect((await subjects()).slice(1)).toEqual(["You're subscribed to The Lantern"]);
    },
  );

  test('two programs in two visits confirm nothing between them', async () => {
    const link = await requestConfirmLink(testApp, email);
    const [one, other] = [await visit(link), await visit(link)];
    for (const press of [one.confirm, other.confirm, one.trap]) await press();
    expect(await statusOf()).toBe('confirmed');
    expect(await (await other.trap()).text()).toContain(AGAIN);
    expect(await statusOf()).toBe('pending');
  });
});

describe('leaving always counts', () => {
  test('who left after the press has left, whatever is pressed afterwards', async () => {
    const page = await visit(await requestConfirmLink(testApp, email));
    await page.confirm();
    await testApp.runDueJobs();
    const leave = linkIn(await lastMail(testApp, email), 'unsubscribe');
    await post(leave, 'List-Unsubscribe=One-Click');
    const left = await subscriptionOf(testApp, email);
    await page.trap();
    expect(await subscriptionOf(testApp, email)).toEqual(left);
    expect(left.status).toBe('unsubscribed');
  });

  test('no page or link by which a reader leaves has such a button', async () => {
    await post(await requestConfirmLink(testApp, email));
    await testApp.runDueJobs();
    const leave = linkIn(await lastMail(testApp, email), 'unsubscribe');
    expect(await (await open(leave)).text()).not.toMatch(/\binert\b|\/trap"/);
    expect((await post(`${leave}/trap`)).status).toBe(404);
  });
});

test('a press with a number that no page had, and one without, changes nothing', async () => {
  const link = await requestConfirmLink(testApp, email);
  for (const fields of ['', 'visit=', 'visit=short', `visit=${'a'.repeat(23)}`, 'visit=a&visit=b'])
    expect(await (await post(`${link}/trap`, fields)).text()).toContain(AGAIN);
  expect(await visitsOf()).toBe(0);
  expect((await post(`${link}x/trap`, `visit=${'a'.repeat(22)}`)).status).toBe(404);
});

test('of one link a hundred visits are remembered, and none for longer than is of use', async () => {
  const link = await requestConfirmLink(testApp, email);
  const numbers = Array.from({ length: 103 }, (_, index) => String(index).padStart(22, 'n'));
  for (const number of numbers) await post(`${link}/trap`, { visit: number });
  expect(await visitsOf()).toBe(100);
  testApp.advanceClock(11 * MINUTE_MS);
  await testApp.handlers.purge({});
  await testApp.handlers.purge({});
  expect(await visitsOf()).toBe(0);
});

async function visitsOf(): Promise<number> {
  const { id } = await subscriptionOf(testApp, email);
  const { visits } = await testApp.context.db.one<{ visits: number }>(
    sql`select count(*)::integer as visits from confirm_visits where subscription_id = ${id}`,
  );
  return visits;
}

/** Who has joined, as the figures have it. */
async function joinedCount(): Promise<number> {
  const { joined } = await testApp.context.db.one<{ joined: number }>(sql`
    select coalesce(sum(count), 0)::integer as joined
      from counts
     where name = 'reader-changes'
       and owner_id = ${publication.id}
       and key[2] = 'confirmed'
  `);
  return joined;
}
