import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { releaseDueArticles } from '../../../src/articles/release/release-due.js';
import { planInstant } from '../../../src/deliveries/plan/plan-digests.js';
import { sql } from '../../../src/platform/db/sql.js';
import type { Publication } from '../../../src/publications/publication.js';
import { hashAddresses } from '../../../src/subscribers/suppression/hash-addresses.js';
import {
  liftAsOperator,
  suppressAddress,
  suppressDomain,
} from '../../../src/subscribers/suppression/operator-changes.js';
import { addArticles, addReaders, advanceAndRunJobs, resetTestApp } from '../../support/fixtures.js';
import { readMails, signUp } from '../../support/reader-actions.js';
import { openTestApp, type TestApp } from '../../support/test-app.js';

let testApp: TestApp;
let publication: Publication;

beforeAll(async () => {
  testApp = await openTestApp();
});
beforeEach(async () => {
  await resetTestApp(testApp);
  publication = await testApp.createPublication();
});
afterAll(() => testApp.close());

const note = 'spam traps';
const recipients = async () => (await readMails(testApp)).map(({ to }) => to).toSorted();

async function publish(title: string): Promise<void> {
  await addArticles(testApp, publication, title);
  await testApp.runDueJobs();
  await advanceAndRunJobs(testApp, 0);
}

/** `skipped suppressed` or another state, by address. */
async function fates(): Promise<Record<string, string>> {
  const rows = await testApp.context.db.many<{ email: string; state: string; skipReason: string | null }>(sql`
    select p.email, d.state, d.skip_reason
      from deliveries d
      join subscriptions s on s.id = d.subscription_id
      join subscribers p on p.id = s.subscriber_id
  `);
  return Object.fromEntries(rows.map(({ email, state, skipReason }) => [email, skipReason ?? state]));
}

test('nobody at a suppressed domain is mailed: not who reads already, and not who signs up; others are', async () => {
  await addReaders(testApp, publication, ['ada@trap.example', 'eve@sub.trap.example', 'ida@harbour.example']);
  const change = { domain: 'trap.example', publicationId: publication.id, note };
  expect(await suppressDomain(testApp.context, change)).toEqual({ kind: 'suppressed' });
  expect(await suppressDomain(testApp.context, change)).toEqual({ kind: 'already-suppressed' });
  await publish('Harbour');
  expect(await fates()).toEqual({
    'ada@trap.example': 'suppressed',
    'eve@sub.trap.example': 'accepted',
    'ida@harbour.example': 'accepted',
  });
  const before = await recipients();
  const answered = await signUp(testApp, 'new@trap.example');
  const other = await signUp(testApp, 'new@harbour.example');
  expect([answered.status, answered.headers.get('content-type')]).toEqual([
    other.status,
    other.headers.get('content-type'),
  ]);
  expect(await recipients()).toEqual([...before, 'new@harbour.example'].toSorted());
});

test.each([true, false])(
  'a suppressed address is skipped when the digest is planned (its hash is stored: %s), or else when it is sent',
  async (isHashed) => {
    await addReaders(testApp, publication, ['ada@harbour.example', 'ida@harbour.example']);
    if (isHashed) await hashAddresses(testApp.context);
    else await testApp.context.db.run(sql`update subscribers set address_hash = null`);
    const emailKey = 'ada@harbour.example';
    await suppressAddress(testApp.context, { emailKey, publicationId: null, note });
    await testApp.context.db.run(sql`update subscribers set address_hash = null where ${!isHashed}`);
    await addArticles(testApp, publication, 'Harbour');
    await releaseDueArticles(testApp.context, publication.id);
    await planInstant(testApp.context, publication.id);
    const planned = await fates();
    expect(planned).toEqual({
      [emailKey]: isHashed ? 'suppressed' : 'queued',
      'ida@harbour.example': 'queued',
    });
    await testApp.runDueJobs();
    expect(await fates()).toEqual({ [emailKey]: 'suppressed', 'ida@harbour.example': 'accepted' });
    expect(await recipients()).toEqual(['ida@harbour.example']);
  },
);

test('a domain that is let go again is mailed the next digest', async () => {
  await addReaders(testApp, publication, ['ada@trap.example']);
  await suppressDomain(testApp.context, { domain: 'trap.example', publicationId: null, note });
  await publish('Harbour');
  expect(await recipients()).toEqual([]);
  const [row] = await testApp.context.db.many<{ id: string; domain: string }>(
    sql`select id, domain from suppressions`,
  );
  expect(row?.domain).toBe('trap.example');
  const lifted = await liftAsOperator(testApp.context, {
    emailKey: 'ada@trap.example',
    publicationId: null,
    note,
  });
  // What stands against a single address is lifted; what stands against its domain is not hers alone.
  expect([lifted.lifted, lifted.remaining]).toEqual([
    [],
    [{ reason: 'operator', everywhere: true, domain: 'trap.example' }],
  ]);
});

test('of many readers who are planned at once those that are suppressed are skipped, wherever that was said, and no others', async () => {
  const { context } = testApp;
  const other = await testApp.createPublication({ slug: 'tides', name: 'Tides' });
  const addresses = Array.from(
    { length: 700 },
    (_, at) => `reader-${at}@${at % 100 === 7 ? 'trap' : 'harbour'}.example`,
  );
  await addReaders(testApp, publication, addresses);
  await hashAddresses(context);
  await suppressDomain(context, { domain: 'trap.example', publicationId: publication.id, note });
  await suppressAddress(context, {
    emailKey: 'reader-1@harbour.example',
    publicationId: publication.id,
    note,
  });
  await suppressAddress(context, { emailKey: 'reader-2@harbour.example', publicationId: null, note });
  await suppressAddress(context, { emailKey: 'reader-3@harbour.example', publicationId: other.id, note });
  await addArticles(testApp, publication, 'Harbour');
  await releaseDueArticles(context, publication.id);
  await planInstant(context, publication.id);
  const skipped = Object.entries(await fates()).filter(([, fate]) => fate === 'suppressed');
  expect(skipped.map(([address]) => address).toSorted()).toEqual(
    addresses
      .filter((address) => address.endsWith('@trap.example') || /^reader-[12]@/.test(address))
      .toSorted(),
  );
  expect(Object.keys(await fates())).toHaveLength(700);
});
