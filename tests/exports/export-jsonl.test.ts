import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type {
  ExportEnd,
  ExportedSubscription,
  ExportedSuppression,
  ExportHead,
} from '../../src/exports/export.js';
import { exportJsonLines, sealSuppressionKey } from '../../src/exports/export-jsonl.js';
import { openWithPassphrase } from '../../src/platform/crypto/passphrase-box.js';
import { sql } from '../../src/platform/db/sql.js';
import type { Publication } from '../../src/publications/publication.js';
import { eraseSubscription } from '../../src/subscribers/erase/erase.js';
import type { ReaderFilter } from '../../src/subscribers/list/reader-filter.js';
import { suppressAddress } from '../../src/subscribers/suppression/operator-changes.js';
import { hashAddresses } from '../../src/subscribers/suppression/hash-addresses.js';
import { loadAddressHasher } from '../../src/platform/crypto/address-hash.js';
import { addArticles, addReader, addReaders, readerAddresses } from '../support/fixtures.js';
import { createConfirmedReader, post, subscriptionOf } from '../support/reader-actions.js';
import { openTestApp, type TestApp } from '../support/test-app.js';

type Line = ExportHead | ExportedSubscription | ExportedSuppression | ExportEnd;
const PASSPHRASE = 'a lamp in the harbour';

let testApp: TestApp;
let publication: Publication;

beforeAll(async () => {
  testApp = await openTestApp();
  publication = await testApp.createPublication({
    defaultCadence: 'instant',
    topics: ['Town', 'Harbour'],
    holdMinutes: 0,
  });
});
afterAll(() => testApp.close());

async function exportLines(filter: ReaderFilter = {}, passphrase?: string): Promise<Line[]> {
  const suppressionKey =
    passphrase === undefined ? null : await sealSuppressionKey(testApp.context, passphrase);
  let text = '';
  for await (const piece of exportJsonLines(testApp.context, publication, { filter, suppressionKey }))
    text += piece;
  expect(text.endsWith('\n')).toBe(true);
  return text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Line);
}

const readersIn = (lines: Line[]) =>
  lines.filter((line): line is ExportedSubscription => line.type === 'reader');
const suppressionsIn = (lines: Line[]) =>
  lines.filter((line): line is ExportedSuppression => line.type === 'suppression');

test('a reader comes with her choices, the proof of her consent, her mails and what came back of them', async () => {
  const { subscription } = await createConfirmedReader(testApp, 'wanjiru@example.com', {
    source: 'https://lantern.example/tides',
    topics: 'Harbour',
  });
  const [articleId] = await addArticles(testApp, publication, {
    title: 'Ebb',
    url: 'https://lantern.example/ebb',
    categories: ['Harbour'],
  });
  await testApp.runDueJobs();
  expect(articleId).toBeDefined();
  await testApp.context.db.run(sql`
    insert into events (key, source, class, scope, status, reason, occurred_at, received_at, match, publication_id, digest_id, subscription_id)
    select 'k', 'smtp', 'soft', 'mailbox', '4.2.2', 'full', now(), now(), 'delivery', publication_id, id, ${subscription.id} from digests
  `);
  const lines = await exportLines();
  expect(lines[0]).toMatchObject({
    type: 'export',
    format: 'paperround-readers',
    version: 1,
    publication: { slug: 'lantern', topics: ['Town', 'Harbour'] },
    isFiltered: false,
    suppressionKey: null,
  });
  const [reader] = readersIn(lines);
  expect(reader).toMatchObject({
    id: subscription.id,
    email: 'wanjiru@example.com',
    status: 'confirmed',
    cadence: 'instant',
    topics: ['Harbour'],
    leaveReason: null,
    consents: [{ kind: 'confirmed', source: 'https://lantern.example/tides', takenBackAt: null }],
    deliveries: [{ cadence: 'instant', subject: 'Ebb', state: 'accepted', skipReason: null }],
    notices: [{ kind: 'confirmation', state: 'accepted' }, { kind: 'welcome' }],
    events: [{ class: 'soft', status: '4.2.2', reason: 'full' }],
  });
  expect(reader?.consents[0]?.wording).toMatch(/./);
  expect(lines.at(-1)).toEqual({ type: 'end', readers: 1, suppressions: 0, suppressionsLeftOut: 0 });
});

test('readers come once each however many there are, in pages, and filters are those of the list', async () => {
  await addReaders(testApp, publication, readerAddresses(1203), { cadence: 'weekly' });
  await post((await createConfirmedReader(testApp, 'left@example.com')).unsubscribeLink);
  const all = readersIn(await exportLines());
  expect(all).toHaveLength(1 + 1203 + 1);
  expect(new Set(all.map(({ id }) => id)).size).toBe(all.length);
  expect(all.find(({ email }) => email === 'left@example.com')).toMatchObject({ status: 'unsubscribed' });
  const weekly = await exportLines({ cadence: 'weekly', status: 'confirmed' }, PASSPHRASE);
  expect(readersIn(weekly)).toHaveLength(1203);
  expect(weekly[0]).toMatchObject({ isFiltered: true, suppressionKey: null });
  expect(readersIn(await exportLines({ status: 'pending' }))).toEqual([]);
});

test('nothing of another newsletter, and of an erased reader only her fingerprint, is in it', async () => {
  const other = await testApp.createPublication({ slug: 'other', name: 'Other' });
  const elsewhere = await addReader(testApp, other, 'elsewhere@example.com');
  const gone = await addReader(testApp, publication, 'gone@example.com');
  await eraseSubscription(testApp.context, gone.id);
  const { context } = testApp;
  await suppressAddress(context, { emailKey: 'elsewhere@example.com', publicationId: null, note: 'asked' });
  await suppressAddress(context, {
    emailKey: 'reader-1@example.com',
    publicationId: publication.id,
    note: 'x',
  });
  await suppressAddress(context, { emailKey: 'nobody@example.com', publicationId: other.id, note: 'x' });
  await hashAddresses(context);
  const keyed = await exportLines({}, PASSPHRASE);
  const text = JSON.stringify(keyed);
  for (const word of ['elsewhere@', 'gone@', 'nobody@', elsewhere.id]) expect(text).not.toContain(word);

  const [head] = keyed as [ExportHead];
  if (head.suppressionKey === null) throw new Error('There is no key');
  const key = await openWithPassphrase(head.suppressionKey, PASSPHRASE);
  expect(key).toHaveLength(32);
  const hashOf = (email: string) => context.hashAddress(email).toString('hex');
  const found = suppressionsIn(keyed).map(({ hash, email, reason, everywhere }) => [
    hash,
    email,
    reason,
    everywhere,
  ]);
  expect(found.toSorted()).toEqual(
    [
      [hashOf('gone@example.com'), null, 'erased', false],
      [hashOf('elsewhere@example.com'), null, 'operator', true],
      [hashOf('reader-1@example.com'), 'reader-1@example.com', 'operator', false],
    ].toSorted(),
  );

  const bare = await exportLines();
  expect(suppressionsIn(bare)).toMatchObject([{ hash: null, email: 'reader-1@example.com' }]);
  expect(bare.at(-1)).toMatchObject({ suppressions: 1, suppressionsLeftOut: 2 });
});

test('the key that it carries makes the same hashes elsewhere', async () => {
  const { createHmac } = await import('node:crypto');
  const [head] = (await exportLines({}, PASSPHRASE)) as [ExportHead];
  if (head.suppressionKey === null) throw new Error('There is no key');
  const key = await openWithPassphrase(head.suppressionKey, PASSPHRASE);
  const made = createHmac('sha256', key ?? '')
    .update('gone@example.com')
    .digest();
  const hashed = testApp.context.hashAddress('gone@example.com');
  expect(made.subarray(0, hashed.length)).toEqual(hashed);
  expect(await loadAddressHasher(testApp.context.db, testApp.keys).then((hash) => hash('a@b.c'))).toEqual(
    testApp.context.hashAddress('a@b.c'),
  );
});

test('that it was made is recorded, before the first line', async () => {
  const { db } = testApp.context;
  const count = async () =>
    (
      await db.one<{ n: number }>(
        sql`select count(*)::integer as n from activity where kind = 'subscription.exported'`,
      )
    ).n;
  const before = await count();
  const pieces = exportJsonLines(testApp.context, publication, { filter: {} });
  await pieces.next();
  expect(await count()).toBe(before + 1);
  await pieces.return(undefined);
  expect(await subscriptionOf(testApp, 'wanjiru@example.com')).toMatchObject({ status: 'confirmed' });
});
