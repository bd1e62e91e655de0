import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { raw, sql } from '../../../../src/platform/db/sql.js';
import type { Publication } from '../../../../src/publications/publication.js';
import { findSubscriptionOf } from '../../../../src/subscribers/reads.js';
import { openTestApp, type TestApp } from '../../../support/test-app.js';
import { addArticles, addReader, resetTestApp, reloadReader } from '../../../support/fixtures.js';
import { dumpTables } from '../../../support/table-dump.js';
import { requestAddressChange, requestOneHourLink, findManageLink } from './request-links.js';
import {
  createConfirmedReader,
  lastMail,
  linkIn,
  open,
  post,
  signUp,
  subscriptionOf,
} from '../../../support/reader-actions.js';
import { isErased } from '../../../../src/subscribers/suppression/reads.js';
import { DAY_MS, HOUR_MS } from '../../../../src/platform/durations.js';
import { maskedHtml } from '../../../support/masked-address.js';

const email = 'zadie@example.com';

let testApp: TestApp;
let publication: Publication;

beforeAll(async () => {
  testApp = await openTestApp();
});
afterAll(() => testApp.close());
beforeEach(async () => {
  await resetTestApp(testApp);
  publication = await testApp.createPublication();
});

const download = async (link: string) => open(`${link}/data`);
const copy = async (link: string) => (await (await download(link)).json()) as Record<string, unknown>;

test('her one-hour link downloads everything one newsletter stores about her, and nothing of another', async () => {
  await testApp.createPublication({ slug: 'tide', name: 'The Tide' });
  await signUp(testApp, email, { slug: 'tide', source: 'https://tide.example/page' });
  testApp.advanceClock(DAY_MS);
  await signUp(testApp, email, { cadence: 'instant', source: 'https://lantern.example/harbour' });
  await post(linkIn(await lastMail(testApp, email), 'confirm'), {
    cadence: 'instant',
    timezone: 'Asia/Tokyo',
  });
  await testApp.runDueJobs();
  await addArticles(testApp, publication, 'Harbour');
  await testApp.runDueJobs();
  const own = await linkOf(publication);
  const answer = await download(own);
  expect(Object.fromEntries(answer.headers)).toMatchObject({
    'content-type': 'application/json; charset=utf-8',
    'content-disposition': 'attachment; filename=lantern-2026-11-23.json',
    'cache-control': 'no-store',
    'referrer-policy': 'no-referrer',
    'x-robots-tag': 'noindex, nofollow',
  });
  const text = await answer.text();
  expect(text).not.toMatch(/tide/i);
  expect(JSON.parse(text)).toMatchObject({
    newsletter: { name: 'The Lantern' },
    address: email,
    subscription: { status: 'confirmed', cadence: 'instant', timezone: 'Asia/Tokyo' },
    consents: [
      {
        kind: 'confirmed',
        wording: expect.stringContaining('Yes, send new articles from The Lantern'),
        source: 'https://lantern.example/harbour',
        requestedAt: '2026-11-23T09:00:00.000Z',
        requestIp: null,
      },
    ],
    requests: [{ email, source: 'https://lantern.example/harbour', outcome: 'confirmation' }],
    newsletters: [{ about: 'Harbour', state: 'accepted', answer: expect.stringContaining('250') }],
    otherMails: [{ about: 'manage-link' }, { about: 'welcome' }, { about: 'confirmation' }],
  });
});

/** The one-hour link of a reader of two newsletters. */
async function linkOf({ id }: Publication): Promise<string> {
  const reader = await findSubscriptionOf(testApp.context.db, id, email);
  if (reader === undefined) throw new Error('She is no reader');
  const settings = testApp.context.links.sign('manage', {
    scope: id,
    subject: reader.id,
    number: reader.generation,
  });
  await post(`${testApp.url}/manage/${settings}/link`);
  await testApp.runDueJobs();
  return linkIn(await lastMail(testApp, email), 'manage');
}

test('no table with data about her is missing from the copy', async () => {
  const { subscription } = await createConfirmedReader(testApp, email);
  const tables = await testApp.context.db.many<{ name: string }>(sql`
    select table_name as name
      from information_schema.columns
     where table_schema = 'public'
       and column_name in ('subscription_id', 'subscriber_id', 'email', 'old_email')
     order by 1
  `);
  // A new table has to be added to the copy and to the erasure, and then to this list.
  expect([...new Set(tables.map(({ name }) => name))]).toEqual([
    'address_changes',
    'confirm_visits',
    'consents',
    'deliveries',
    'events',
    'import_asks',
    'import_rows',
    'imported_readers',
    'leave_reasons',
    'link_requests',
    'listed_readers', // what stands in the others, for the operators' list
    'notices',
    'old_links',
    'operator_invitations',
    'operators',
    'reader_change_items', // what was done with many at once, for a while: her part of it is among her changes
    'sign_up_requests',
    'soft_bounces',
    'subscribers',
    'subscriptions',
  ]);
  await testApp.context.db.run(sql`
    insert into leave_reasons (publication_id, subscription_id, reason, created_at)
    values (${publication.id}, ${subscription.id}, 'other', ${testApp.context.now()})
  `);
  await testApp.context.db.run(sql`
    insert into confirm_visits (subscription_id, visit, pressed_at, changed_at)
    values (${subscription.id}, 'v1', ${testApp.context.now()}, ${testApp.context.now()})
  `);
  await testApp.context.db.run(sql`
    insert into events (key, source, class, scope, status, occurred_at, received_at, match, publication_id, subscription_id)
    values ('\\x01', 'smtp', 'soft', 'mailbox', '4.2.2', ${testApp.context.now()}, ${testApp.context.now()}, 'notice',
            ${publication.id}, ${subscription.id})
  `);
  await requestAddressChange(testApp, email, 'zadie@new.example');
  const own = await requestOneHourLink(testApp, email);
  expect(await copy(own)).toMatchObject({
    leaveReason: { reason: 'other' },
    confirmationPages: [{ trappedAt: null }],
    cameBack: [{ class: 'soft', status: '4.2.2' }],
    addressChanges: [{ state: 'asked', newEmail: 'zadie@new.example' }],
  });
});

test('a settings link that was forwarded neither downloads nor erases: it mails her the link that does', async () => {
  const reader = await addReader(testApp, publication, email);
  const settings = await findManageLink(testApp, email);
  const own = await requestOneHourLink(testApp, email);
  testApp.advanceClock(HOUR_MS);
  for (const link of [settings, own]) {
    for (const answer of [
      await open(`${link}/data`),
      await open(`${link}/erase`),
      await post(`${link}/erase`),
      await open(`${link}/address`),
    ]) {
      expect(answer.status).toBe(403);
      const html = await answer.text();
      expect(html).toContain(`<strong>${maskedHtml('z', 'example.com')}</strong>`);
      expect(html).not.toContain(email);
      expect(html).toContain(`<form action="${new URL(link).pathname}/link" method="post">`);
    }
  }
  expect(await reloadReader(testApp, reader)).toMatchObject({ status: 'confirmed' });
});

test('erasing asks once, says what is kept, and leaves her address nowhere', async () => {
  await createConfirmedReader(testApp, email, { source: 'https://lantern.example/harbour' });
  testApp.smtp.setScript((stage) => (stage === 'rcpt' ? `450 4.2.1 <${email}>: full` : undefined));
  await addArticles(testApp, publication, 'Harbour');
  await testApp.runDueJobs();
  testApp.smtp.setScript(() => undefined);
  await requestAddressChange(testApp, email, 'zadie@new.example');
  await post(`${testApp.url}/lantern/manage`, { email });
  const own = await requestOneHourLink(testApp, email);
  await post(`${testApp.url}/lantern/subscriptions`, { email });
  const asks = await (await open(`${own}/erase`)).text();
  expect(asks).toContain(`<span class="address">${email}</span>`);
  expect(asks).toContain('a fingerprint of the address, made with a secret key');
  expect((await subscriptionOf(testApp, email)).status).toBe('confirmed');

  const answer = await post(`${own}/erase`);
  expect(answer.status).toBe(303);
  expect(await (await open(`${own}/erase`)).text()).toContain('Everything is deleted');
  expect(await textsWith(testApp, 'zadie')).toEqual([]);
  // Pressed again, with the jobs that were enqueued meanwhile: still nothing.
  await post(`${own}/erase`);
  await testApp.runDueJobs();
  expect(await textsWith(testApp, 'zadie')).toEqual([]);
  expect((await open(own)).status).toBe(404);
});

test('after erasure no program can add her, and she can sign up again herself', async () => {
  await createConfirmedReader(testApp, email);
  const own = await requestOneHourLink(testApp, email);
  await post(`${own}/erase`);
  const { hashAddress, db } = testApp.context;
  expect(await isErased(db, publication.id, hashAddress(email))).toBe(true);
  await createConfirmedReader(testApp, email);
  expect(await isErased(db, publication.id, hashAddress(email))).toBe(false);
  expect((await subscriptionOf(testApp, email)).status).toBe('confirmed');
});

test('a subscription that ended in hers when she moved is erased with it', async () => {
  await addReader(testApp, publication, 'old@example.com');
  await addReader(testApp, publication, email);
  await requestAddressChange(testApp, 'old@example.com', email);
  await post(linkIn(await lastMail(testApp, email), 'manage'));
  await testApp.runDueJobs();
  await post(`${await requestOneHourLink(testApp, email)}/erase`);
  expect(await textsWith(testApp, 'zadie')).toEqual([]);
  expect(await textsWith(testApp, 'old@example.com')).toEqual([]);
});

/** Every column of every table, whatever its type, in which a word stands, in any case. */
async function textsWith({ context: { db } }: TestApp, word: string): Promise<string[]> {
  const columns = await db.many<{ tableName: string; columnName: string }>(sql`
    select c.table_name, c.column_name
      from information_schema.columns c
      join pg_tables t on t.schemaname = 'public' and t.tablename = c.table_name
     where c.table_schema = 'public'
  `);
  expect(columns.length).toBeGreaterThan(150);
  const found = [];
  for (const { tableName, columnName } of columns) {
    const rows = await db.many(sql`
      select 1 as hit from ${raw(`"${tableName}"`)} where ${raw(`"${columnName}"`)}::text ilike ${`%${word}%`}
    `);
    if (rows.length > 0) found.push(`${tableName}.${columnName}`);
  }
  expect(Object.keys(await dumpTables(db, []))).toContain('subscribers');
  return found;
}
