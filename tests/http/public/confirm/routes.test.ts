import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { deriveKey } from '../../../../src/platform/crypto/keys.js';
import { createLinks } from '../../../../src/platform/crypto/signed-links.js';
import { sql } from '../../../../src/platform/db/sql.js';
import { pushArticle } from '../../../../src/articles/ingest/push-article.js';
import { blockAddress } from '../../../../src/subscribers/suppression/block-address.js';
import type { Publication } from '../../../../src/publications/publication.js';
import { openTestApp, type TestApp } from '../../../support/test-app.js';
import { changedTables, dumpTables } from '../../../support/table-dump.js';
import {
  archive,
  requestConfirmLink,
  createConfirmedReader,
  countRows,
  lastMail,
  linkIn,
  readMails,
  open,
  post,
  subscriptionOf,
} from '../../../support/reader-actions.js';
import { DAY_MS } from '../../../../src/platform/durations.js';
import { maskedHtml } from '../../../support/masked-address.js';

let testApp: TestApp;
let publication: Publication;

beforeAll(async () => {
  testApp = await openTestApp();
  publication = await testApp.createPublication();
});

afterAll(() => testApp.close());

describe('the link in the mail', () => {
  test('shows a button and the words she agrees to; opening it changes nothing, however often', async () => {
    const link = await requestConfirmLink(testApp, 'look@example.com');
    const before = await dumpTables(testApp.context.db, []);
    for (const method of ['GET', 'HEAD', 'GET', 'HEAD']) {
      const answer = await fetch(link, { method });
      expect([method, answer.status]).toEqual([method, 200]);
    }
    const page = await (await open(link)).text();
    expect(page).toContain('Confirm this address? <span class="address own-line">look@example.com</span>');
    expect(page).toContain('Yes, send new articles from The Lantern to this address by email.');
    expect(page).toContain(`<form action="${new URL(link).pathname}" method="post"`);
    expect(page).not.toMatch(/http-equiv|<script(?! src="\/assets\/(time-zone|visit)-)/i);
    expect(changedTables(before, await dumpTables(testApp.context.db, []))).toEqual([]);
  });

  test('is not cached, indexed or framed, and sends no referrer and no cookie', async () => {
    const link = await requestConfirmLink(testApp, 'headers@example.com');
    const pages = [await open(link), await post(link), await open(link)];
    pages.push(await open(`${link}x`), await open(`${testApp.url}/lantern`));
    for (const page of pages) {
      const headers = Object.fromEntries(page.headers);
      expect(headers).toMatchObject({
        'referrer-policy': 'no-referrer',
        'x-content-type-options': 'nosniff',
        'content-security-policy': expect.stringMatching(/default-src 'none'.*frame-ancestors 'none'/),
      });
      expect(headers).not.toHaveProperty('set-cookie');
      expect(headers).not.toHaveProperty('x-powered-by');
    }
    for (const page of pages.slice(0, 4)) {
      expect(page.headers.get('cache-control')).toBe('no-store');
      expect(page.headers.get('x-robots-tag')).toBe('noindex, nofollow');
    }
  });
});

describe('the button', () => {
  test('confirms once, keeps the proof, welcomes once; pressing again changes nothing', async () => {
    const link = await requestConfirmLink(testApp, 'nia@example.com', {
      source: 'https://lantern.example/tides',
    });
    const askedAt = testApp.context.now();
    const agreed = /class="consent"><p>([^<]*)</.exec(await (await open(link)).text())?.[1]?.trim();
    testApp.advanceClock(5 * 60_000);
    const pressedAt = testApp.context.now();
    const answer = await post(link);
    expect([answer.status, answer.headers.get('location')]).toEqual([303, new URL(link).pathname]);
    const done = await (await open(link)).text();
    expect(done).toContain('<h1>You&#39;re subscribed</h1>');
    expect(done).toContain('comes as soon as something new is published');
    expect(await subscriptionOf(testApp, 'nia@example.com')).toMatchObject({
      status: 'confirmed',
      confirmedAt: pressedAt,
      unsubscribedAt: null,
    });
    expect(await proofsOf('nia@example.com')).toEqual([
      {
        kind: 'confirmed',
        body: agreed,
        source: 'https://lantern.example/tides',
        requestedAt: askedAt,
        createdAt: pressedAt,
        wordingVersion: expect.stringMatching(/^[0-9a-f]{16}$/),
      },
    ]);

    await testApp.runDueJobs();
    const before = await dumpTables(testApp.context.db);
    expect((await post(link)).status).toBe(303);
    expect(await testApp.runDueJobs()).toEqual([]);
    expect(changedTables(before, await dumpTables(testApp.context.db))).toEqual([]);
    const mails = (await readMails(testApp)).filter(({ to }) => to === 'nia@example.com');
    expect(mails.map(({ subject }) => subject)).toEqual([
      'Confirm your subscription to The Lantern',
      "You're subscribed to The Lantern",
    ]);
    testApp.advanceClock(11 * 60_000);
    expect(await (await open(link)).text()).toContain('<h1>You&#39;re already confirmed</h1>');
  });

  test('pressed in two windows at the same moment is one confirmation, one proof and one welcome', async () => {
    const link = await requestConfirmLink(testApp, 'twice@example.com');
    const answers = await Promise.all(Array.from({ length: 6 }, () => post(link)));
    expect(answers.map(({ status }) => status)).toEqual(Array.from({ length: 6 }, () => 303));
    expect(await testApp.runDueJobs()).toEqual(['send-welcome', 'send-notice']);
    expect(await proofsOf('twice@example.com')).toHaveLength(1);
  });

  test('keeps each wording once, and which reader agreed to which', async () => {
    const first = await proofsOf('nia@example.com');
    await testApp.context.db.run(sql`update publications set name = 'The Lamp' where id = ${publication.id}`);
    await createConfirmedReader(testApp, 'later@example.com');
    await testApp.context.db.run(
      sql`update publications set name = 'The Lantern' where id = ${publication.id}`,
    );
    const [later] = await proofsOf('later@example.com');
    expect(later).toMatchObject({ body: expect.stringContaining('new articles from The Lamp to') });
    expect(await proofsOf('nia@example.com')).toEqual(first);
    expect(await testApp.context.db.many(sql`select version from consent_wordings`)).toHaveLength(2);
  });

  test('starts her watermark now: she gets what is released from now on, and nothing from before', async () => {
    await pushArticle(testApp.context, publication, { title: 'The day before', content: '<p>Old news.</p>' });
    const link = await requestConfirmLink(testApp, 'fresh@example.com');
    await pushArticle(testApp.context, publication, { title: 'While she waited', content: '<p>News.</p>' });
    await testApp.runDueJobs();
    await post(link);
    await testApp.runDueJobs();
    const { lastSeq } = await testApp.context.db.one<{ lastSeq: number }>(
      sql`select last_seq from publications where id = ${publication.id}`,
    );
    expect(lastSeq).toBe(2);
    expect((await subscriptionOf(testApp, 'fresh@example.com')).watermark).toBe(2);
    expect(await (await open(link)).text()).toContain('Your first email from The Lantern comes as soon as');
    await pushArticle(testApp.context, publication, { title: 'The day after', content: '<p>New.</p>' });
    await testApp.runDueJobs();
    const after = await (await open(link)).text();
    expect(after).toContain('<h1>You&#39;re subscribed</h1>');
    expect(after).toContain('The next email from The Lantern comes as soon as');
    const mails = (await readMails(testApp)).filter(({ to }) => to === 'fresh@example.com');
    expect(mails.map(({ subject }) => subject).slice(2)).toEqual(['The day after']);
  });

  test('applies her choices from the form only now, when the owner of the address has agreed', async () => {
    const wishes = { cadence: 'weekly', timezone: 'Asia/Tokyo', locale: 'sw' };
    const link = await requestConfirmLink(testApp, 'wishes@example.com', wishes);
    expect(await subscriptionOf(testApp, 'wishes@example.com')).toMatchObject({
      cadence: 'instant',
      nextDueAt: null,
    });
    await post(link);
    // Monday 30 November, 7 o'clock in Tokyo.
    expect(await subscriptionOf(testApp, 'wishes@example.com')).toMatchObject({
      cadence: 'weekly',
      timezone: 'Asia/Tokyo',
      locale: 'sw',
      nextDueAt: new Date('2026-11-22T22:00:00Z'),
    });
  });

  test('takes the newsletter’s defaults where her choices are invalid', async () => {
    const link = await requestConfirmLink(testApp, 'nonsense@example.com', {
      cadence: 'hourly',
      timezone: 'Mars/Base',
    });
    await post(link);
    expect(await subscriptionOf(testApp, 'nonsense@example.com')).toMatchObject({
      cadence: 'instant',
      timezone: 'Africa/Nairobi',
    });
  });

  test('pressed in a second window with other choices, it saves them, and the page says so', async () => {
    const link = await requestConfirmLink(testApp, 'second@example.com', { cadence: 'daily' });
    await post(link, { cadence: 'daily', hour: '7', timezone: 'Africa/Nairobi' });
    const choices = { cadence: 'weekly', weekday: '3', hour: '18', timezone: 'Europe/Berlin' };
    const again = await post(link, choices);
    expect(again.headers.get('location')).toBe(`${new URL(link).pathname}?done=choices`);
    expect(await (await open(`${link}?done=choices`)).text()).toContain('Your choices are saved.');
    const chosen = {
      cadence: 'weekly',
      weekday: 3,
      hour: 18,
      timezone: 'Europe/Berlin',
      status: 'confirmed',
    };
    expect(await subscriptionOf(testApp, 'second@example.com')).toMatchObject(chosen);
    // One choice alone leaves the others as they are.
    await post(link, { cadence: 'monthly' });
    expect(await subscriptionOf(testApp, 'second@example.com')).toMatchObject({
      ...chosen,
      cadence: 'monthly',
    });
    const wrong = await post(link, { cadence: 'hourly' });
    expect([wrong.status, await wrong.text()]).toEqual([
      422,
      expect.stringContaining('so nothing was changed'),
    ]);
    expect((await proofsOf('second@example.com')).map(({ kind }) => kind)).toEqual([
      'confirmed',
      'changed',
      'changed',
    ]);

    testApp.advanceClock(3 * DAY_MS);
    const late = await post(link, { cadence: 'daily' });
    expect([late.status, await late.text()]).toEqual([
      410,
      expect.stringContaining('Your choices were not saved'),
    ]);
    expect((await subscriptionOf(testApp, 'second@example.com')).cadence).toBe('monthly');
    expect(await (await post(link)).text()).not.toContain('Your choices');
  });
});

describe('a link that does not work any more', () => {
  test('after three days says so, and one button sends a new one that asks for the same', async () => {
    const link = await requestConfirmLink(testApp, 'late@example.com', {
      cadence: 'weekly',
      source: 'https://a.example/',
    });
    testApp.advanceClock(3 * DAY_MS);
    const before = await dumpTables(testApp.context.db);
    for (const answer of [await open(link), await post(link)]) {
      expect(answer.status).toBe(410);
      const page = await answer.text();
      expect(page).toContain('This link has expired');
      expect(page).toContain(`Send a new link to ${maskedHtml('l', 'example.com')}`);
    }
    expect(changedTables(before, await dumpTables(testApp.context.db))).toEqual([]);
    const sent = await post(`${link}/resend`);
    expect([sent.status, sent.headers.get('location')]).toEqual([
      303,
      expect.stringMatching(/^\/check-inbox\//),
    ]);
    await testApp.runDueJobs();
    const fresh = linkIn(await lastMail(testApp), 'confirm');
    expect(fresh).not.toBe(link);
    await post(fresh);
    expect(await subscriptionOf(testApp, 'late@example.com')).toMatchObject({
      status: 'confirmed',
      cadence: 'weekly',
    });
    expect(await proofsOf('late@example.com')).toMatchObject([{ source: 'https://a.example/' }]);
  });

  test('one second before three days are over it still does', async () => {
    const link = await requestConfirmLink(testApp, 'justintime@example.com');
    testApp.advanceClock(3 * DAY_MS - 1000);
    expect((await post(link)).status).toBe(303);
    expect((await subscriptionOf(testApp, 'justintime@example.com')).status).toBe('confirmed');
  });

  test('because she left in between: an old mail cannot bring her back, a new one can', async () => {
    const { confirmLink, unsubscribeLink } = await createConfirmedReader(testApp, 'gone@example.com');
    await post(unsubscribeLink);
    for (const answer of [await open(confirmLink), await post(confirmLink)]) {
      expect([answer.status, await answer.text()]).toEqual([
        410,
        expect.stringContaining('You&#39;re unsubscribed'),
      ]);
    }
    expect((await subscriptionOf(testApp, 'gone@example.com')).status).toBe('unsubscribed');
    await post(await requestConfirmLink(testApp, 'gone@example.com'));
    expect((await subscriptionOf(testApp, 'gone@example.com')).status).toBe('confirmed');
    expect((await proofsOf('gone@example.com')).map(({ kind }) => kind)).toEqual([
      'confirmed',
      'unsubscribed',
      'confirmed',
    ]);
  });

  test('and that was revoked asks for no new one either: whoever has it may not be who reads now', async () => {
    const { confirmLink, unsubscribeLink } = await createConfirmedReader(testApp, 'revoked@example.com');
    await post(unsubscribeLink);
    const before = await dumpTables(testApp.context.db);
    expect((await post(`${confirmLink}/resend`)).status).toBe(410);
    expect(changedTables(before, await dumpTables(testApp.context.db))).toEqual([]);
  });

  test('because its address was blocked in between', async () => {
    const link = await requestConfirmLink(testApp, 'blocked@example.com');
    const { id } = await subscriptionOf(testApp, 'blocked@example.com');
    await blockAddress(testApp.context, id);
    const answer = await post(link);
    expect([answer.status, await answer.text()]).toEqual([
      410,
      expect.stringContaining('was pressed for this address'),
    ]);
    expect((await subscriptionOf(testApp, 'blocked@example.com')).status).toBe('unsubscribed');
  });

  test('because a complaint blocked it without ending the subscription', async () => {
    const link = await requestConfirmLink(testApp, 'complained@example.com');
    await testApp.context.db.run(sql`
      insert into suppressions (address_hash, reason, created_at)
      values (${testApp.context.hashAddress('complained@example.com')}, 'complained', ${testApp.context.now()})
    `);
    expect((await post(link)).status).toBe(404);
    expect((await subscriptionOf(testApp, 'complained@example.com')).status).toBe('pending');
    expect(await proofsOf('complained@example.com')).toEqual([]);
  });

  test('because the newsletter is archived', async () => {
    const { id } = await testApp.createPublication({ slug: 'stopped', name: 'The Stopped' });
    const link = await requestConfirmLink(testApp, 'stopped@example.com', { slug: 'stopped' });
    await archive(testApp, id);
    for (const answer of [await open(link), await post(link)]) {
      expect([answer.status, await answer.text()]).toEqual([
        410,
        expect.stringContaining('nothing more will be sent to anyone'),
      ]);
    }
    expect((await post(`${link}/resend`)).status).toBe(404);
    expect((await subscriptionOf(testApp, 'stopped@example.com')).status).toBe('pending');
  });

  test('because it was cut, lengthened, changed, made for another purpose or signed with another key', async () => {
    const link = await requestConfirmLink(testApp, 'forged@example.com');
    const token = link.split('/').at(-1) ?? '';
    const { id: subject, generation } = await subscriptionOf(testApp, 'forged@example.com');
    const claims = { scope: publication.id, subject, number: generation, expiresAt: new Date('2027-01-01') };
    const { links } = testApp.context;
    const stranger = createLinks([deriveKey('a key that this house has never had')]);
    const tokens = {
      cut: token.slice(0, -1),
      longer: `${token}A`,
      changed: `${token.slice(0, 20)}${token[20] === 'A' ? 'B' : 'A'}${token.slice(21)}`,
      'unsubscribe link': links.sign('unsubscribe', claims),
      'never link': links.sign('never', claims),
      ticket: links.sign('check-inbox', claims),
      'of a stranger': stranger.sign('confirm', claims),
      'of an older generation': links.sign('confirm', { ...claims, number: 0 }),
      'of nobody': links.sign('confirm', { ...claims, subject: publication.id }),
      'of no newsletter': links.sign('confirm', { ...claims, scope: subject }),
    };
    const before = await dumpTables(testApp.context.db);
    for (const [name, forged] of Object.entries(tokens)) {
      for (const answer of [
        await open(`${testApp.url}/confirm/${forged}`),
        await post(`${testApp.url}/confirm/${forged}`),
      ]) {
        expect([name, answer.status]).toEqual([name, 404]);
        const page = await answer.text();
        expect(page).toContain('This link isn&#39;t valid any more');
        expect(page).not.toContain('forged@');
      }
    }
    expect(changedTables(before, await dumpTables(testApp.context.db))).toEqual([]);
    expect(await countRows(testApp, 'outbox')).toBe(0);
    // The unchanged link works.
    expect((await post(link)).status).toBe(303);
  });
});

async function proofsOf(email: string) {
  const { id } = await subscriptionOf(testApp, email);
  return testApp.context.db.many<{ kind: string; body: string | null }>(sql`
    select c.kind, c.source, c.requested_at, c.created_at, c.wording_version, w.body
      from consents c
      left join consent_wordings w on w.version = c.wording_version
     where c.subscription_id = ${id}
     order by c.id
  `);
}
