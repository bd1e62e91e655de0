import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { networkLimits } from '../../../../src/subscribers/sign-up/limits.js';
import { setAttackMode } from '../../../../src/subscribers/attack/set-attack-mode.js';
import { sql } from '../../../../src/platform/db/sql.js';
import { openTestApp, type TestApp } from '../../../support/test-app.js';
import {
  archive,
  createConfirmedReader,
  lastMail,
  open,
  post,
  postJson,
  readMails,
  signUp,
} from '../../../support/reader-actions.js';

const HARBOUR = '5ab87a04-3f24-4f01-8297-8138cfa4670d';
const TOWN = '9CC7AAB4-4f23-4f01-8297-8138cfa4670d';
const UNKNOWN = '00000000-4f23-4f01-8297-8138cfa4670d';

let testApp: TestApp;
let page: string;
let api: string;

beforeEach(async () => {
  testApp = await openTestApp();
  page = `${testApp.url}/subscription/form`;
  api = `${testApp.url}/api/public/subscription`;
});
afterEach(() => testApp.close());

const requests = () =>
  testApp.context.db.many<{ email: string; slug: string; source: string | null }>(sql`
    select r.email, p.slug, r.source
      from sign_up_requests r
      join publications p on p.id = r.publication_id
     order by r.created_at, p.slug
  `);

describe('the form of a page', () => {
  test('signs up for the only newsletter, whatever list it names, and its reader is asked to confirm', async () => {
    await testApp.createPublication();
    const answer = await post(
      page,
      { nonce: '', email: 'wanjiru@example.com', name: 'Wanjiru', l: UNKNOWN },
      { referer: 'https://lantern.example/tides?utm=1' },
    );
    expect([answer.status, answer.headers.get('location')]).toEqual([
      303,
      expect.stringMatching(/^\/check-inbox\/[\w-]{82}$/),
    ]);
    expect(await requests()).toEqual([
      { email: 'wanjiru@example.com', slug: 'lantern', source: 'https://lantern.example/tides' },
    ]);
    await testApp.runDueJobs();
    expect((await lastMail(testApp)).links.some((link) => link.includes('/confirm/'))).toBe(true);
  });

  test('signs up for each newsletter whose list is ticked, and mails one confirmation for each', async () => {
    await testApp.createPublication({ formLists: [HARBOUR] });
    await testApp.createPublication({ slug: 'town', name: 'Town', formLists: [TOWN.toLowerCase()] });
    await testApp.createPublication({ slug: 'other', name: 'Other' });
    const body = new URLSearchParams([
      ['email', 'wanjiru@example.com'],
      ['l', HARBOUR],
      ['l', TOWN],
      ['l', UNKNOWN],
    ]);
    expect((await post(page, body.toString())).status).toBe(303);
    expect((await requests()).map(({ slug }) => slug)).toEqual(['lantern', 'town']);
    await testApp.runDueJobs();
    expect(await readMails(testApp)).toHaveLength(2);
  });

  test('of a list that no newsletter names, where there are several, records nothing and says so', async () => {
    await testApp.createPublication({ formLists: [HARBOUR] });
    await testApp.createPublication({ slug: 'town', name: 'Town' });
    expect((await post(page, { email: 'wanjiru@example.com', l: UNKNOWN })).status).toBe(404);
    const answer = await postJson(api, { email: 'wanjiru@example.com', list_uuids: [UNKNOWN] });
    expect([answer.status, await answer.json()]).toEqual([
      400,
      { message: 'This form belongs to no newsletter here. Nothing was saved.' },
    ]);
    expect(await requests()).toEqual([]);
  });

  test('with a mistyped domain shows the page that asks, and its buttons sign up', async () => {
    await testApp.createPublication();
    const answer = await post(page, { email: 'amina@gmial.com', l: HARBOUR });
    expect(answer.status).toBe(422);
    expect(await answer.text()).toContain('Did you mean amina@gmail.com?');
  });

  test('whose hidden field was filled in records nothing', async () => {
    await testApp.createPublication();
    expect((await post(page, { email: 'bot@example.com', nonce: 'x', l: HARBOUR })).status).toBe(422);
    expect((await postJson(api, { email: 'bot@example.com', nonce: 'x' })).status).toBe(400);
    expect(await requests()).toEqual([]);
  });

  test('opened as a page leads to the newsletter', async () => {
    await testApp.createPublication();
    const answer = await open(page);
    expect([answer.status, answer.headers.get('location')]).toEqual([303, '/lantern']);
  });
});

describe('its public API', () => {
  test('takes JSON, a form and a form with parts, and answers each as listmonk does', async () => {
    await testApp.createPublication();
    const parts = new FormData();
    parts.set('email', 'parts@example.com');
    parts.set('l', HARBOUR);
    const answers = [
      await postJson(api, { email: 'json@example.com', name: 'J', list_uuids: [HARBOUR] }),
      await post(api, { email: 'form@example.com', l: HARBOUR }),
      await fetch(api, { method: 'POST', body: parts }),
    ];
    for (const answer of answers) {
      expect([answer.status, await answer.json()]).toEqual([200, { data: { has_optin: true } }]);
      expect(answer.headers.get('access-control-allow-origin')).toBe('*');
      expect(answer.headers.get('set-cookie')).toBeNull();
    }
    expect((await requests()).map(({ email }) => email).toSorted()).toEqual([
      'form@example.com',
      'json@example.com',
      'parts@example.com',
    ]);
  });

  test('lets pages of other sites ask first', async () => {
    const answer = await fetch(api, { method: 'OPTIONS' });
    expect(answer.status).toBe(204);
    expect(answer.headers.get('access-control-allow-headers')).toBe('Content-Type');
  });

  test('answers the same whatever is known of the address', async () => {
    await testApp.createPublication();
    await signUp(testApp, 'pending@example.com');
    await createConfirmedReader(testApp, 'reading@example.com');
    await post((await createConfirmedReader(testApp, 'left@example.com')).unsubscribeLink);
    const hash = testApp.context.hashAddress('refused@example.com');
    await testApp.context.db.run(sql`
      insert into suppressions (address_hash, reason, created_at)
      values (${hash}, 'complained', ${testApp.context.now()})
    `);
    for (const who of ['unknown', 'pending', 'reading', 'left', 'refused']) {
      const answer = await postJson(api, { email: `${who}@example.com` });
      expect([who, answer.status, await answer.json()]).toEqual([who, 200, { data: { has_optin: true } }]);
    }
  });

  test.each([
    ['no address', { list_uuids: [HARBOUR] }],
    ['half an address', { email: 'wanjiru@' }],
    ['a number', { email: 7, list_uuids: 7 }],
    ['an object', { email: { $ne: 1 } }],
    ['a line end', { email: 'a@example.com\r\nBcc: x@example.com' }],
  ])('says what is wrong with %s in `message`', async (what, body) => {
    await testApp.createPublication();
    const answer = await postJson(api, body);
    expect([what, answer.status]).toEqual([what, 400]);
    expect(await answer.json()).toEqual({ message: expect.stringMatching(/.{10,}/) });
    expect(await requests()).toEqual([]);
  });

  test.each([
    ['{"email": ', 'application/json', 400],
    ['null', 'application/json', 400],
    ['email=x', 'text/plain', 415],
    ['--x', 'multipart/form-data; boundary=y', 400],
    [`email=${'x'.repeat(30_000)}`, 'application/x-www-form-urlencoded', 413],
  ])('takes no %s as %s: %d', async (body, type, status) => {
    await testApp.createPublication();
    const answer = await fetch(api, { method: 'POST', headers: { 'content-type': type }, body });
    expect(answer.status).toBe(status);
  });

  test('refuses a network that sends too many, and counts it together with our own forms', async () => {
    const publication = await testApp.createPublication();
    const until = new Date(testApp.context.now().getTime() + 60_000);
    for (const { key, max } of networkLimits('127.0.0.1', testApp.context.now()))
      await testApp.context.db.run(sql`
        insert into sign_up_limits (key, points, resets_at)
        values (${key}, ${max - 1}, ${until})
      `);
    expect(
      (await post(`${testApp.url}/${publication.slug}/subscriptions`, { email: 'a@example.com' })).status,
    ).toBe(303);
    const answer = await postJson(api, { email: 'b@example.com' });
    expect(answer.status).toBe(429);
    expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0);
    expect(await answer.json()).toEqual({ message: expect.stringContaining('Too many requests') });
  });

  test('in an attack its sign-ups wait for an operator, since these forms can do no work', async () => {
    const { id } = await testApp.createPublication();
    await setAttackMode(testApp.context, id, true);
    expect((await postJson(api, { email: 'a@example.com' })).status).toBe(200);
    await testApp.runDueJobs();
    expect(await readMails(testApp)).toEqual([]);
    const held = await testApp.context.db.many(sql`select outcome, reasons from sign_up_requests`);
    expect(held).toEqual([{ outcome: 'held', reasons: ['unproved'] }]);
  });

  test('signs nobody up for an archived newsletter', async () => {
    const { id } = await testApp.createPublication({ formLists: [HARBOUR] });
    await archive(testApp, id);
    expect((await postJson(api, { email: 'a@example.com', list_uuids: [HARBOUR] })).status).toBe(400);
    expect(await requests()).toEqual([]);
  });
});
