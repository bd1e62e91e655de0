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

const email = 'zadie@example.com';

let house: TestApp;
let publication: Publication;

beforeAll(async () => {
  house = await openTestApp();
});
afterAll(() => house.close());
beforeEach(async () => {
  await resetTestApp(house);
  publication = await house.createPublication();
});

const download = async (link: string) => open(`${link}/data`);
const copy = async (link: string) => (await (await download(link)).json()) as Record<string, unknown>;

test('her own link downloads everything one newsletter holds about her, and nothing of another', async () => {
  await house.createPublication({ slug: 'tide', name: 'The Tide' });
  await signUp(house, email, { slug: 'tide', source: 'https://tide.example/page' });
  house.advanceClock(DAY_MS);
  await signUp(house, email, { cadence: 'instant', source: 'https://lantern.example/harbour' });
  await post(linkIn(await lastMail(house, email), 'confirm'), { cadence: 'instant', timezone: 'Asia/Tokyo' });
  await house.runDueJobs();
  await addArticles(house, publication, 'Harbour');
  await house.runDueJobs();
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

/** The link that is hers alone, of a reader of two newsletters. */
async function linkOf({ id }: Publication): Promise<string> {
  const reader = await findSubscriptionOf(house.context.db, id, email);
  if (reader === undefined) throw new Error('She is no reader');
  const settings = house.context.links.sign('manage', {
    scope: id,
    subject: reader.id,
    number: reader.generation,
  });
  await post(`${house.url}/manage/${settings}/link`);
  await house.runDueJobs();
  return linkIn(await lastMail(house, email), 'manage');
}

test('nothing that knows her is missing from the copy', async () => {
  const { subscription } = await createConfirmedReader(house, email);
  const tables = await house.context.db.many<{ name: string }>(sql`
    select table_name as name
      from information_schema.columns
     where table_schema = 'public'
       and column_name in ('subscription_id', 'subscriber_id', 'email', 'old_email')
     order by 1
  `);
  // A table that is new here has to be thought of: in the copy, in the erasure, and then in this list.
  expect([...new Set(tables.map(({ name }) => name))]).toEqual([
    'address_changes',
    'consents',
    'deliveries',
    'leave_reasons',
    'link_requests',
    'notices',
    'operators',
    'sign_up_requests',
    'subscribers',
    'subscriptions',
  ]);
  await house.context.db.run(sql`
    insert into leave_reasons (publication_id, subscription_id, reason, created_at)
    values (${publication.id}, ${subscription.id}, 'other', ${house.context.now()})
  `);
  await requestAddressChange(house, email, 'zadie@new.example');
  const own = await requestOneHourLink(house, email);
  expect(await copy(own)).toMatchObject({
    leaveReason: { reason: 'other' },
    addressChanges: [{ state: 'asked', newEmail: 'zadie@new.example' }],
  });
});

test('a settings link that was forwarded neither downloads nor erases: it mails her the link that does', async () => {
  const reader = await addReader(house, publication, email);
  const settings = await findManageLink(house, email);
  const own = await requestOneHourLink(house, email);
  house.advanceClock(HOUR_MS);
  for (const link of [settings, own]) {
    for (const answer of [
      await open(`${link}/data`),
      await open(`${link}/erase`),
      await post(`${link}/erase`),
      await open(`${link}/address`),
    ]) {
      expect(answer.status).toBe(403);
      const html = await answer.text();
      expect(html).toContain('<strong>z•••••@example.com</strong>');
      expect(html).not.toContain(email);
      expect(html).toContain(`<form action="${new URL(link).pathname}/link" method="post">`);
    }
  }
  expect(await reloadReader(house, reader)).toMatchObject({ status: 'confirmed' });
});

test('erasing asks once, says what stays, and leaves her address nowhere', async () => {
  await createConfirmedReader(house, email, { source: 'https://lantern.example/harbour' });
  house.smtp.setScript((stage) => (stage === 'rcpt' ? `450 4.2.1 <${email}>: full` : undefined));
  await addArticles(house, publication, 'Harbour');
  await house.runDueJobs();
  house.smtp.setScript(() => undefined);
  await requestAddressChange(house, email, 'zadie@new.example');
  await post(`${house.url}/lantern/manage`, { email });
  const own = await requestOneHourLink(house, email);
  await post(`${house.url}/lantern/subscriptions`, { email });
  const asks = await (await open(`${own}/erase`)).text();
  expect(asks).toContain(`<span class="address">${email}</span>`);
  expect(asks).toContain('a fingerprint of the address, made with a secret key');
  expect((await subscriptionOf(house, email)).status).toBe('confirmed');

  const answer = await post(`${own}/erase`);
  expect(answer.status).toBe(303);
  expect(await (await open(`${own}/erase`)).text()).toContain('Everything is deleted');
  expect(await textsWith(house, 'zadie')).toEqual([]);
  // Pressed again, and what was promised meanwhile is kept: still nothing.
  await post(`${own}/erase`);
  await house.runDueJobs();
  expect(await textsWith(house, 'zadie')).toEqual([]);
  expect((await open(own)).status).toBe(404);
});

test('erased, she is not added by programs; her own word brings her back', async () => {
  await createConfirmedReader(house, email);
  const own = await requestOneHourLink(house, email);
  await post(`${own}/erase`);
  const { hashAddress, db } = house.context;
  expect(await isErased(db, publication.id, hashAddress(email))).toBe(true);
  await createConfirmedReader(house, email);
  expect(await isErased(db, publication.id, hashAddress(email))).toBe(false);
  expect((await subscriptionOf(house, email)).status).toBe('confirmed');
});

test('a subscription that ended in hers when she moved is erased with it', async () => {
  await addReader(house, publication, 'old@example.com');
  await addReader(house, publication, email);
  await requestAddressChange(house, 'old@example.com', email);
  await post(linkIn(await lastMail(house, email), 'manage'));
  await house.runDueJobs();
  await post(`${await requestOneHourLink(house, email)}/erase`);
  expect(await textsWith(house, 'zadie')).toEqual([]);
  expect(await textsWith(house, 'old@example.com')).toEqual([]);
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
