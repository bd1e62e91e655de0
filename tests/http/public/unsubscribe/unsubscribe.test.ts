import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { pushArticle } from '../../../../src/articles/ingest/push-article.js';
import { sql } from '../../../../src/platform/db/sql.js';
import type { Publication } from '../../../../src/publications/publication.js';
import { eraseSubscription } from '../../../../src/subscribers/erase/erase.js';
import { openTestApp, type TestApp } from '../../../support/test-app.js';
import { changedTables, dumpTables } from '../../../support/table-dump.js';
import {
  archive,
  requestConfirmLink,
  createConfirmedReader,
  lastMail,
  linkIn,
  readMails,
  open,
  post,
  signUp,
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

describe('the unsubscribe link', () => {
  test('shows a page with a button; opening it changes nothing and shows half of her address', async () => {
    const { unsubscribeLink } = await createConfirmedReader(testApp, 'abla@example.com');
    const before = await dumpTables(testApp.context.db, []);
    await fetch(unsubscribeLink, { method: 'HEAD' });
    const answer = await open(unsubscribeLink);
    const page = await answer.text();
    expect(answer.status).toBe(200);
    expect(page).toContain('a•••••@example.com');
    expect(page).not.toContain('abla');
    expect(page).toContain(`<form action="${new URL(unsubscribeLink).pathname}" method="post">`);
    expect(page).not.toMatch(/<script|http-equiv/i);
    expect(Object.fromEntries(answer.headers)).toMatchObject({
      'cache-control': 'no-store',
      'referrer-policy': 'no-referrer',
      'x-robots-tag': 'noindex, nofollow',
    });
    expect(changedTables(before, await dumpTables(testApp.context.db, []))).toEqual([]);
  });

  test('ends her subscription with one press; a second press is the same', async () => {
    const { unsubscribeLink } = await createConfirmedReader(testApp, 'badu@example.com');
    const answer = await post(unsubscribeLink);
    expect([answer.status, answer.headers.get('location')]).toEqual([303, new URL(unsubscribeLink).pathname]);
    expect(await subscriptionOf(testApp, 'badu@example.com')).toMatchObject({
      status: 'unsubscribed',
      unsubscribedAt: testApp.context.now(),
      nextDueAt: null,
    });
    const page = await (await open(unsubscribeLink)).text();
    expect(page).toContain('You&#39;re unsubscribed');
    expect(page).toContain('Undo: keep my subscription');
    const before = await dumpTables(testApp.context.db);
    expect((await post(unsubscribeLink)).status).toBe(303);
    expect(changedTables(before, await dumpTables(testApp.context.db))).toEqual([]);
  });

  test('also stops a digest that was planned before and is not being sent yet', async () => {
    const { unsubscribeLink } = await createConfirmedReader(testApp, 'ceesay@example.com');
    await pushArticle(testApp.context, publication, { title: 'Late news', content: '<p>News.</p>' });
    testApp.smtp.setScript((stage) => (stage === 'mail' ? '451 4.3.0 Later' : undefined));
    await testApp.runDueJobs();
    testApp.smtp.setScript(() => undefined);
    await post(unsubscribeLink);
    const mails = testApp.smtp.messages.length;
    testApp.advanceClock(DAY_MS / 24);
    await testApp.handlers.sweep({});
    await testApp.runDueJobs();
    const { id } = await subscriptionOf(testApp, 'ceesay@example.com');
    const rows = await testApp.context.db.many<{ state: string }>(
      sql`select state, skip_reason from deliveries where subscription_id = ${id}`,
    );
    expect(rows).toEqual([{ state: 'skipped', skipReason: expect.any(String) }]);
    const hers = (await readMails(testApp)).slice(mails).filter(({ to }) => to === 'ceesay@example.com');
    const subjects = hers.map(({ subject }) => subject);
    expect(subjects).toEqual(["You're unsubscribed from The Lantern"]);
  });

  test('can be undone for a day, with her cadence and her watermark', async () => {
    const { unsubscribeLink } = await createConfirmedReader(testApp, 'dede@example.com', {
      cadence: 'monthly',
    });
    const { watermark, nextDueAt } = await subscriptionOf(testApp, 'dede@example.com');
    await post(unsubscribeLink);
    testApp.advanceClock(DAY_MS - 1000);
    const answer = await post(`${unsubscribeLink}/undo`);
    expect(answer.headers.get('location')).toBe(`${new URL(unsubscribeLink).pathname}?done=undo`);
    const back = await (await open(`${unsubscribeLink}?done=undo`)).text();
    expect(back).toContain('Your subscription is back');
    expect(back).toContain('The next email comes on Tuesday 1 December, 07:00');
    expect(back).toContain('The link to your settings is in every newsletter.');
    expect(back).toContain('<a href="/lantern/manage">');
    expect(await subscriptionOf(testApp, 'dede@example.com')).toMatchObject({
      status: 'confirmed',
      cadence: 'monthly',
      watermark,
      nextDueAt,
      unsubscribedAt: null,
    });
    const before = await dumpTables(testApp.context.db);
    await post(`${unsubscribeLink}/undo`);
    expect(changedTables(before, await dumpTables(testApp.context.db))).toEqual([]);
  });

  test('undone after her hour, it brings the digest of that hour', async () => {
    const { unsubscribeLink } = await createConfirmedReader(testApp, 'yaa@example.com', {
      cadence: 'weekly',
    });
    const { nextDueAt } = await subscriptionOf(testApp, 'yaa@example.com');
    testApp.advanceClock((nextDueAt?.getTime() ?? 0) - testApp.context.now().getTime() - 60_000);
    await post(unsubscribeLink);
    testApp.advanceClock(120_000);
    await post(`${unsubscribeLink}/undo`);
    expect(await subscriptionOf(testApp, 'yaa@example.com')).toMatchObject({
      status: 'confirmed',
      nextDueAt,
    });
    expect(await (await open(`${unsubscribeLink}?done=undo`)).text()).toContain(
      'The next email comes within minutes, if something new is published.',
    );
  });

  test('cannot be undone after a day, nor when nothing had ever been confirmed', async () => {
    const { unsubscribeLink } = await createConfirmedReader(testApp, 'efua@example.com');
    await post(unsubscribeLink);
    testApp.advanceClock(DAY_MS);
    expect(await (await open(unsubscribeLink)).text()).not.toContain('Undo');
    await post(`${unsubscribeLink}/undo`);
    expect((await subscriptionOf(testApp, 'efua@example.com')).status).toBe('unsubscribed');

    await requestConfirmLink(testApp, 'pending@example.com');
    const { id: subject } = await subscriptionOf(testApp, 'pending@example.com');
    const token = testApp.context.links.sign('unsubscribe', { scope: publication.id, subject });
    await post(`${testApp.url}/unsubscribe/${token}`);
    await post(`${testApp.url}/unsubscribe/${token}/undo`);
    expect((await subscriptionOf(testApp, 'pending@example.com')).status).toBe('unsubscribed');
  });

  test('works ten years later, whatever happened meanwhile, also for an archived newsletter', async () => {
    const { id } = await testApp.createPublication({ slug: 'ancient', name: 'The Ancient' });
    const email = 'farai@example.com';
    const { unsubscribeLink } = await createConfirmedReader(testApp, email, { slug: 'ancient' });
    // Left and came back twice: the subscription's generation moved on, and confirmation links with it.
    for (let round = 0; round < 2; round += 1) {
      await post(unsubscribeLink);
      testApp.advanceClock(2 * DAY_MS);
      await post(await requestConfirmLink(testApp, email, { slug: 'ancient' }));
      await testApp.runDueJobs();
    }
    expect(await subscriptionOf(testApp, email)).toMatchObject({ status: 'confirmed', generation: 3 });
    await archive(testApp, id);
    testApp.advanceClock(3650 * DAY_MS);
    expect(await (await open(unsubscribeLink)).text()).toContain('Stop emails from The Ancient');
    expect((await post(unsubscribeLink)).status).toBe(303);
    expect((await subscriptionOf(testApp, email)).status).toBe('unsubscribed');
  });
});

describe('the mail program’s own button (RFC 8058)', () => {
  const body = 'List-Unsubscribe=One-Click';
  const parts = `--x\r\nContent-Disposition: form-data; name="List-Unsubscribe"\r\n\r\nOne-Click\r\n--x--\r\n`;
  const forms = [
    ['urlencoded', 'application/x-www-form-urlencoded', body],
    [
      'urlencoded with a charset and a line end',
      'application/x-www-form-urlencoded; charset=utf-8',
      `${body}\r\n`,
    ],
    ['multipart', 'multipart/form-data; boundary=x', parts],
    ['multipart with quotes', 'multipart/form-data; charset=utf-8; boundary="x"', parts],
  ] as const;

  test.each(forms)(
    '%s: 200 in plain words, no redirect, no cookie, however often',
    async (name, type, text) => {
      const email = `one-click-${name.replaceAll(' ', '-')}@example.com`;
      await createConfirmedReader(testApp, email);
      await pushArticle(testApp.context, publication, {
        title: `To press in, ${name}`,
        content: '<p>News.</p>',
      });
      await testApp.runDueJobs();
      const digest = await lastMail(testApp, email);
      const url = /^<([^>]+)>$/.exec(digest.header('list-unsubscribe') ?? '')?.[1] ?? '';
      expect(digest.header('list-unsubscribe-post')).toBe(body);
      for (const origin of [undefined, 'null', 'https://mail.example', 'moz-extension://1']) {
        const answer = await fetch(url, {
          method: 'POST',
          redirect: 'manual',
          headers: {
            'content-type': type,
            ...(origin === undefined ? {} : { origin, 'sec-fetch-site': 'cross-site' }),
          },
          body: text,
        });
        expect([origin, answer.status]).toEqual([origin, 200]);
        expect(answer.headers.get('content-type')).toBe('text/plain; charset=utf-8');
        expect(answer.headers.get('set-cookie')).toBeNull();
        expect(await answer.text()).toBe('You are unsubscribed.\n');
        expect((await subscriptionOf(testApp, email)).status).toBe('unsubscribed');
      }
    },
  );

  test('records the first press only', async () => {
    const consents = await testApp.context.db.many<{ kind: string }>(sql`
      select c.kind
        from consents c
        join subscriptions s on s.id = c.subscription_id
        join subscribers p on p.id = s.subscriber_id
       where p.email_key = 'one-click-multipart@example.com'
       order by c.id
    `);
    expect(consents.map(({ kind }) => kind)).toEqual(['confirmed', 'unsubscribed']);
  });

  test('an incorrect body still unsubscribes', async () => {
    for (const [type, text] of [
      ['application/x-www-form-urlencoded', 'List-Unsubscribe=one'],
      ['multipart/form-data; boundary=y', parts],
      ['multipart/form-data', parts],
      ['text/plain', body],
      ['application/json', '{'],
      ['application/x-www-form-urlencoded', ''],
    ] as const) {
      const { unsubscribeLink } = await createConfirmedReader(testApp, `odd-${Math.random()}@example.com`);
      const answer = await post(unsubscribeLink, text, { 'content-type': type });
      expect([type, text, answer.status]).toEqual([type, text, 303]);
      expect(await (await open(unsubscribeLink)).text()).toContain('You&#39;re unsubscribed');
    }
  });

  test('with an unknown token changes nothing', async () => {
    const { unsubscribeLink, confirmLink } = await createConfirmedReader(testApp, 'gifty@example.com');
    const before = await dumpTables(testApp.context.db);
    const { links } = testApp.context;
    const { id: subject } = await subscriptionOf(testApp, 'gifty@example.com');
    const never = links.sign('never', { scope: publication.id, subject });
    for (const token of [unsubscribeLink.slice(-82, -1), confirmLink.slice(-82), never, subject, '%00']) {
      for (const path of [token, `${token}/undo`]) {
        const answer = await post(`${testApp.url}/unsubscribe/${path}`, body);
        expect([path, answer.status]).toEqual([path, 404]);
        expect(await answer.text()).not.toContain('gifty');
      }
    }
    expect(changedTables(before, await dumpTables(testApp.context.db))).toEqual([]);
  });
});

describe('"never email me from this newsletter"', () => {
  test('asks first, then blocks the address here, and only here', async () => {
    await testApp.createPublication({ slug: 'other', name: 'The Other' });
    await signUp(testApp, 'hawa@example.com');
    const link = linkIn(await lastMail(testApp, 'hawa@example.com'), 'never');
    const before = await dumpTables(testApp.context.db, []);
    await fetch(link, { method: 'HEAD' });
    const page = await (await open(link)).text();
    expect(page).toContain(
      `Never email <span class="address">${maskedHtml('h', 'example.com')}</span> from The Lantern again?`,
    );
    expect(changedTables(before, await dumpTables(testApp.context.db, []))).toEqual([]);

    expect((await post(link)).headers.get('location')).toBe(new URL(link).pathname);
    expect(await (await open(link)).text()).toContain('We won&#39;t write again');
    expect((await subscriptionOf(testApp, 'hawa@example.com')).status).toBe('unsubscribed');
    const done = await dumpTables(testApp.context.db);
    await post(link);
    expect(changedTables(done, await dumpTables(testApp.context.db))).toEqual([]);

    const mails = testApp.smtp.messages.length;
    testApp.advanceClock(40 * DAY_MS);
    expect((await signUp(testApp, 'Hawa@Example.com')).status).toBe(303);
    expect(testApp.smtp.messages).toHaveLength(mails);
    await signUp(testApp, 'hawa@example.com', { slug: 'other' });
    expect(testApp.smtp.messages.slice(mails).map(({ to }) => to)).toEqual(['hawa@example.com']);
  });

  test('can be undone for a day from its own page, with the subscription that it ended', async () => {
    const { subscription } = await createConfirmedReader(testApp, 'adia@example.com');
    const claims = { scope: publication.id, subject: subscription.id };
    const link = `${testApp.url}/never/${testApp.context.links.sign('never', claims)}`;
    await post(link);
    expect(await (await open(link)).text()).toContain('Lift the block');
    testApp.advanceClock(DAY_MS - 60_000);
    const undone = await post(`${link}/undo`);
    expect(undone.headers.get('location')).toBe(`${new URL(link).pathname}?done=undo`);
    expect(await (await open(`${link}?done=undo`)).text()).toContain('The block is lifted.');
    expect((await subscriptionOf(testApp, 'adia@example.com')).status).toBe('confirmed');
    const done = await dumpTables(testApp.context.db);
    await post(`${link}/undo`);
    expect(changedTables(done, await dumpTables(testApp.context.db))).toEqual([]);
    const consents = await testApp.context.db.many<{ kind: string }>(
      sql`select kind from consents where subscription_id = ${subscription.id} order by id`,
    );
    expect(consents.map(({ kind }) => kind)).toEqual(['confirmed', 'never', 'never-undone', 'resumed']);
  });

  test('stays a day later, and does not bring back what she had left before', async () => {
    const { subscription, unsubscribeLink } = await createConfirmedReader(testApp, 'zola@example.com');
    const claims = { scope: publication.id, subject: subscription.id };
    const link = `${testApp.url}/never/${testApp.context.links.sign('never', claims)}`;
    await post(unsubscribeLink);
    testApp.advanceClock(60_000);
    await post(link);
    await post(`${link}/undo`);
    expect((await subscriptionOf(testApp, 'zola@example.com')).status).toBe('unsubscribed');
    await post(link);
    testApp.advanceClock(DAY_MS);
    expect(await (await open(link)).text()).not.toContain('Lift the block');
    expect((await post(`${link}/undo`)).headers.get('location')).toBe(new URL(link).pathname);
    expect(await (await open(link)).text()).toContain('We won&#39;t write again');
  });

  test('ends a confirmed subscription too, and the undo of unsubscribing does not bring it back', async () => {
    const { subscription, unsubscribeLink } = await createConfirmedReader(testApp, 'imani@example.com');
    const claims = { scope: publication.id, subject: subscription.id };
    await post(`${testApp.url}/never/${testApp.context.links.sign('never', claims)}`);
    const page = await (await open(unsubscribeLink)).text();
    expect(page).toContain('You&#39;re unsubscribed');
    expect(page).not.toContain('Undo');
    await post(`${unsubscribeLink}/undo`);
    expect((await subscriptionOf(testApp, 'imani@example.com')).status).toBe('unsubscribed');
    const consents = await testApp.context.db.many<{ kind: string }>(
      sql`select kind from consents where subscription_id = ${subscription.id} order by id`,
    );
    expect(consents.map(({ kind }) => kind)).toEqual(['confirmed', 'never']);
  });

  test('is not offered after erasure: the page says what became of her address', async () => {
    const { subscription } = await createConfirmedReader(testApp, 'kehinde@example.com');
    await signUp(testApp, 'taiwo@example.com');
    const erased = `${testApp.url}/never/${testApp.context.links.sign('never', { scope: publication.id, subject: subscription.id })}`;
    const forgotten = linkIn(await lastMail(testApp, 'taiwo@example.com'), 'never');
    await eraseSubscription(testApp.context, subscription.id);
    testApp.advanceClock(8 * DAY_MS);
    await testApp.handlers.purge({});
    const before = await dumpTables(testApp.context.db);
    for (const link of [erased, forgotten]) {
      const answers = [await open(link), await post(link)];
      expect(answers.map(({ status }) => status)).toEqual([404, 404]);
      expect(await answers[0]?.text()).toContain('If you have blocked it, it stays blocked.');
    }
    expect(changedTables(before, await dumpTables(testApp.context.db))).toEqual([]);
  });

  test('works with no other link', async () => {
    const { unsubscribeLink } = await createConfirmedReader(testApp, 'jendayi@example.com');
    const before = await dumpTables(testApp.context.db);
    const answer = await post(`${testApp.url}/never/${unsubscribeLink.slice(-82)}`);
    expect(answer.status).toBe(404);
    expect(changedTables(before, await dumpTables(testApp.context.db))).toEqual([]);
  });
});
