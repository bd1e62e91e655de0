import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import PostalMime from 'postal-mime';
import { sql } from '../../../src/platform/db/sql.js';
import { DAY_MS } from '../../../src/platform/durations.js';
import type { Publication } from '../../../src/publications/publication.js';
import { eraseSubscription } from '../../../src/subscribers/erase/erase.js';
import { addImport } from '../../../src/subscribers/import/prepare-import.js';
import { findSubscriptionOf } from '../../../src/subscribers/reads.js';
import { startMailing, stopMailing } from '../../../src/subscribers/import/start-mailing.js';
import { undoImport } from '../../../src/subscribers/import/undo-import.js';
import { findByOldLink } from '../../../src/subscribers/old-links/reads.js';
import { listmonkLink } from '../../../src/subscribers/old-links/old-link.js';
import { unsubscribe } from '../../../src/subscribers/leave/unsubscribe.js';
import { suppressAddress } from '../../../src/subscribers/suppression/operator-changes.js';
import { addArticles, addReader } from '../../support/fixtures.js';
import { bringReaders, prepareImport, readImport } from '../../support/imports.js';
import { openTestApp, type TestApp } from '../../support/test-app.js';
import { zipArchive } from '../../support/zip-archive.js';
import { dumpTables } from '../../support/table-dump.js';

let app: TestApp;
let publication: Publication;

beforeEach(async () => {
  app = await openTestApp();
  publication = await app.createPublication();
});

afterEach(() => app.close());

const db = () => app.context.db;
const MAILCHIMP = { product: 'mailchimp', productName: 'Mailchimp' };

async function statuses(): Promise<Record<string, string>> {
  const rows = await db().many<{ email: string; status: string }>(sql`
    select p.email, s.status
      from subscriptions s
      join subscribers p on p.id = s.subscriber_id
     where s.publication_id = ${publication.id}
       and s.erased_at is null
     order by p.email
  `);
  return Object.fromEntries(rows.map(({ email, status }) => [email, status]));
}

/** All that is known of readers. */
async function readersDump(): Promise<unknown> {
  const { subscribers, subscriptions, consents, suppressions, imported_readers } = await dumpTables(db());
  return { subscribers, subscriptions, consents, suppressions, imported_readers };
}

const findReader = (email: string) => findSubscriptionOf(db(), publication.id, email);

const FILES = {
  'subscribed.csv':
    'Email Address,OPTIN_TIME\nnew@example.com,2018-02-05 19:28:23\nhere@example.com,\ngone@example.com,\nbarred@example.com,\nNEW@example.com,\n',
  'unsubscribed.csv': 'Email Address,UNSUB_TIME\nleft@example.com,2023-06-06 12:56:15\n',
  'cleaned.csv': 'Email Address,CLEAN_TIME\nbounced@example.com,2023-06-06 12:56:15\n',
};

test('what files bring is counted before it is added, and nobody is mailed', async () => {
  await addReader(app, publication, 'here@example.com');
  const gone = await addReader(app, publication, 'gone@example.com');
  await unsubscribe(app.context, gone.id);
  const barred = { emailKey: 'barred@example.com', publicationId: publication.id, note: 'asked' };
  await suppressAddress(app.context, barred);
  const before = await statuses();
  const checked = await prepareImport(app, publication, FILES, MAILCHIMP);
  expect(checked).toMatchObject({
    state: 'checked',
    found: {
      ...{ lines: 7, mistakes: 0, duplicates: 1 },
      ...{ new: 1, present: 1, 'left-here': 1, suppressed: 1, 'opted-out': 1, 'do-not-mail': 1 },
    },
  });
  expect(await statuses()).toEqual(before);
  await addImport(app.context, checked.id);
  await app.runDueJobs();
  expect(await readImport(app, checked.id)).toMatchObject({
    state: 'added',
    done: { new: 1, 'opted-out': 1 },
  });
  expect(await statuses()).toEqual({
    ...before,
    ...{ 'new@example.com': 'added', 'left@example.com': 'unsubscribed' },
  });
  const consent = await db().one(sql`
    select c.kind, c.source, c.requested_at, w.body as words
      from consents c
      join consent_wordings w on w.version = c.wording_version
     where c.kind = 'imported'
  `);
  expect(consent).toEqual({
    ...{ kind: 'imported', source: 'Mailchimp', requestedAt: new Date('2018-02-05T19:28:23Z') },
    words: 'They ticked a box on our site.',
  });
  await addArticles(app, publication, 'Harbour');
  app.advanceClock(3 * DAY_MS);
  await app.runDueJobs();
  const mailed = app.smtp.messages.map(({ to }) => to);
  expect(new Set(mailed)).toEqual(new Set(['here@example.com']));
});

test('the same files a second time change nothing, and nobody is revived by a third', async () => {
  await bringReaders(app, publication, FILES, MAILCHIMP);
  const reader = await findReader('new@example.com');
  const before = await readersDump();
  const again = await bringReaders(app, publication, FILES, MAILCHIMP);
  expect(again.done).toEqual({ present: 4, 'left-before': 1, 'do-not-mail-before': 1 });
  expect(await readersDump()).toEqual(before);
  await unsubscribe(app.context, reader?.id ?? '');
  const left = 'email\nnew@example.com\nleft@example.com\nbounced@example.com\n';
  expect((await bringReaders(app, publication, left)).done).toEqual({ 'left-here': 2, suppressed: 1 });
  await eraseSubscription(app.context, reader?.id ?? '');
  expect((await bringReaders(app, publication, left)).done).toEqual({ 'left-here': 1, suppressed: 2 });
});

test('late unsubscribes end who was brought, and not who confirmed here later by herself', async () => {
  await bringReaders(app, publication, 'email\nada@example.com\nbo@example.com\n');
  await addReader(app, publication, 'cy@example.com');
  const late =
    'email,unsubscribed at\nada@example.com,2026-11-21T09:00:00Z\ncy@example.com,2026-11-01T09:00:00Z\n';
  const { done } = await bringReaders(app, publication, { 'unsubscribed.csv': late });
  expect(done).toEqual({ leaves: 1, stays: 1 });
  expect(await statuses()).toEqual({
    'ada@example.com': 'unsubscribed',
    'bo@example.com': 'added',
    'cy@example.com': 'confirmed',
  });
});

test('who is started gets what is new from then on, a few more each day', async () => {
  const list = Array.from({ length: 7 }, (_, index) => `reader-${index}@example.com\n`).join('');
  const { id } = await bringReaders(app, publication, `email\n${list}`, { cadence: 'daily' });
  await addArticles(app, publication, 'Before');
  const started = { startAt: new Date(app.context.now().getTime() + DAY_MS), startsPerDay: 2 };
  expect(await startMailing(app.context, id, started)).toEqual({ kind: 'started' });
  const run = async (days: number) => {
    app.advanceClock(days * DAY_MS);
    await app.handlers['start-imported']({});
    return Object.values(await statuses()).filter((status) => status === 'confirmed').length;
  };
  expect([await run(0), await run(1), await run(0), await run(1)]).toEqual([0, 2, 2, 6]);
  expect(await stopMailing(app.context, id)).toEqual({ kind: 'stopped' });
  expect(await run(5)).toBe(6);
  const [reader] = await db().many(sql`
    select watermark = (select last_seq from publications) as is_after_all, next_due_at is not null as is_due
      from subscriptions
     where status = 'confirmed'
     limit 1
  `);
  expect(reader).toEqual({ isAfterAll: true, isDue: true });
  expect(await startMailing(app.context, id, { startAt: app.context.now(), startsPerDay: null })).toEqual({
    kind: 'started',
  });
  expect(await run(0)).toBe(7);
});

test('undoing takes back who was added, keeps who did something since, and opt-outs stay', async () => {
  await addReader(app, publication, 'here@example.com');
  const brought = { ...FILES, 'more.csv': 'email\nlater@example.com\nmailed@example.com\n' };
  const before = await statuses();
  const { id } = await bringReaders(app, publication, brought, { ...MAILCHIMP, cadence: 'daily' });
  await startMailing(app.context, id, { startAt: app.context.now(), startsPerDay: null });
  await app.handlers['start-imported']({});
  const [later, mailed] = [await findReader('later@example.com'), await findReader('mailed@example.com')];
  await unsubscribe(app.context, later?.id ?? '');
  await addArticles(app, publication, 'Harbour');
  await db().run(sql`update subscriptions set next_due_at = null where id <> ${mailed?.id ?? ''}`);
  app.advanceClock(DAY_MS);
  await app.handlers['plan-due']({});
  await app.runDueJobs();
  expect(await undoImport(app.context, id)).toEqual({ kind: 'undoing' });
  await app.runDueJobs();
  const { state, done } = await readImport(app, id);
  expect(state).toBe('undone');
  expect(done).toMatchObject({ tombstones: 1, kept: 1 });
  expect(await statuses()).toEqual({
    ...before,
    ...{ 'later@example.com': 'unsubscribed', 'left@example.com': 'unsubscribed' },
  });
  expect(await db().many(sql`select reason, source from suppressions`)).toEqual([
    { reason: 'bounced', source: 'import' },
  ]);
  const { done: again } = await bringReaders(
    app,
    publication,
    'email\nmailed@example.com\nnew@example.com\n',
  );
  expect(again).toEqual({ new: 2 });
});

test('an import of which the worker was killed goes on where it was, once', async () => {
  const list = Array.from({ length: 5000 }, (_, index) => `reader-${index}@example.com\n`).join('');
  const { id } = await prepareImport(app, publication, `email\n${list}`);
  await addImport(app.context, id);
  await Promise.all(
    Array.from({ length: 3 }, () => app.handlers['import-readers']({ importId: id }).catch(() => undefined)),
  );
  await app.runDueJobs();
  expect((await readImport(app, id)).done).toEqual({ new: 5000 });
  expect(Object.keys(await statuses())).toHaveLength(5000);
});

const GIVEN = join(import.meta.dirname, '../../../../shared/data/subscriber-csv');

(existsSync(GIVEN) ? test : test.skip)(
  'exports of Mailchimp, Substack and Ghost come in, a second time without a change (skipped without ../shared/data)',
  async () => {
    const names = readdirSync(GIVEN).filter((name) => name.endsWith('.csv'));
    const files = Object.fromEntries(names.map((name) => [name, readFileSync(join(GIVEN, name))]));
    const { done, found } = await bringReaders(app, publication, files);
    expect({ mistakes: found?.mistakes, done }).toEqual({
      mistakes: 0,
      done: { new: 26, 'opted-out': 7, 'do-not-mail': 5 },
    });
    const again = await bringReaders(app, publication, files);
    expect(again.done).toEqual({ present: 26, 'left-before': 7, 'do-not-mail-before': 5 });
  },
);

test('the mails to who was brought say through what she subscribed and since when they come from here, the first one at its top too', async () => {
  const brought = { ...MAILCHIMP, cadence: 'daily' } as const;
  const files = 'email,joined\nada@example.com,2023-03-03T09:00:00Z\nbo@example.com,\n';
  const { id } = await bringReaders(app, publication, files, brought);
  await startMailing(app.context, id, { startAt: app.context.now(), startsPerDay: null });
  await app.handlers['start-imported']({});
  const mailDay = async (title: string) => {
    await addArticles(app, publication, title);
    app.advanceClock(DAY_MS);
    app.smtp.messages.length = 0;
    await app.handlers['plan-due']({});
    await app.runDueJobs();
    const mails = await Promise.all(
      app.smtp.messages.map(async ({ to, raw }) => ({ ...(await PostalMime.parse(raw)), to })),
    );
    return new Map(
      mails.map(({ to, text = '', html = '' }) => [to, { text: text.replaceAll(/\s+/g, ' '), html }]),
    );
  };
  const dated = 'subscribed through Mailchimp on 3 March 2023';
  const moved = 'moved its emails here on 22 November 2026';
  const first = await mailDay('Harbour');
  expect(first.get('ada@example.com')?.text.split(dated)).toHaveLength(3);
  expect(first.get('bo@example.com')?.text.split(moved)).toHaveLength(3);
  expect(first.get('bo@example.com')?.text).toContain('You subscribed through Mailchimp. ');
  expect(first.get('ada@example.com')?.html.split(dated)).toHaveLength(3);
  const second = await mailDay('Storm');
  expect(second.get('ada@example.com')?.text.split(dated)).toHaveLength(2);
});

test('a whole export comes in as one archive', async () => {
  const { id } = await prepareImport(
    app,
    publication,
    { 'export.zip': zipArchive(Object.entries(FILES).map(([path, content]) => ({ path, content }))) },
    MAILCHIMP,
  );
  expect(await readImport(app, id)).toMatchObject({ found: { lines: 7, 'opted-out': 1, 'do-not-mail': 1 } });
  const names = await db().many(sql`select name, is_complete from import_files order by name`);
  expect(names).toEqual(
    Object.keys(FILES)
      .toSorted()
      .map((name) => ({ name, isComplete: true })),
  );
});

test('links in mails that listmonk sent lead to their readers, of who was brought and of who had left', async () => {
  const files = `uuid,email,name,attributes,status,created_at,updated_at
a1a1a1a1-0000-4000-8000-000000000001,ada@example.com,Ada,{},enabled,2023-03-03T09:00:00Z,2023-03-03T09:00:00Z
a1a1a1a1-0000-4000-8000-000000000002,bo@example.com,Bo,{},blocklisted,2023-03-03T09:00:00Z,2023-03-03T09:00:00Z
`;
  const { done } = await bringReaders(app, publication, files, {
    product: 'listmonk',
    productName: 'listmonk',
  });
  expect(done).toEqual({ new: 1, 'do-not-mail': 1 });
  const ada = await findReader('ada@example.com');
  const link = listmonkLink('A1A1A1A1-0000-4000-8000-000000000001');
  expect(await findByOldLink(db(), link)).toEqual([{ subscriptionId: ada?.id }]);
});
