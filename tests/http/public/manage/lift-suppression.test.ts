import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { sql } from '../../../../src/platform/db/sql.js';
import type { Publication } from '../../../../src/publications/publication.js';
import { addressHashes } from '../../../../src/subscribers/suppression/address-hashes.js';
import { isSuppressed } from '../../../../src/subscribers/suppression/reads.js';
import { insertSuppression } from '../../../../src/subscribers/suppression/writes.js';
import { openTestApp, type TestApp } from '../../../support/test-app.js';
import { addArticles, addReader, resetTestApp } from '../../../support/fixtures.js';
import { findManageLink } from './request-links.js';
import { lastMail, linkIn, readMails, open, post } from '../../../support/reader-actions.js';
import { DAY_MS } from '../../../../src/platform/durations.js';

const email = 'imani@example.com';

let testApp: TestApp;
let publication: Publication;

beforeAll(async () => {
  testApp = await openTestApp();
});
afterAll(() => testApp.close());
beforeEach(async () => {
  await resetTestApp(testApp);
  publication = await testApp.createPublication();
  await addReader(testApp, publication, email);
});

type Reason = Parameters<typeof insertSuppression>[3];

async function stop(reason: Reason, everywhere = false): Promise<void> {
  const { db, hashAddress, now } = testApp.context;
  const at = everywhere ? null : publication.id;
  await db.transaction((tx) => insertSuppression(tx, hashAddress(email), at, reason, now()));
}

/** The same reader, with another newsletter. */
async function subscribeTo({ id }: Publication): Promise<void> {
  await testApp.context.db.run(sql`
    insert into subscriptions (publication_id, subscriber_id, status, locale, cadence, hour, weekday, day_of_month,
                               timezone, created_at, confirmed_at)
    select ${id}, subscriber_id, status, locale, cadence, hour, weekday, day_of_month, timezone, created_at, confirmed_at
      from subscriptions
     where publication_id = ${publication.id}
  `);
}

const suppressions = () => testApp.context.db.many(sql`select reason from suppressions order by 1`);
const page = async () => (await open(await findManageLink(testApp, email))).text();
const press = async () => {
  const answer = await post(`${await findManageLink(testApp, email)}/repair`);
  await testApp.runDueJobs();
  return answer;
};

test.each([
  ['bounced', 'because the mail server said it could not deliver to this mailbox', 'Try again'],
  ['complained', 'marked our email as spam on 22 November 2026, so we stopped', 'Start again'],
] as const)(
  'who %s is told since when and why, and her own mailbox sets it going again',
  async (reason, why, label) => {
    await stop(reason);
    expect(await page()).toContain(why);
    expect(await page()).toContain(`<button>${label}</button>`);
    expect((await press()).headers.get('location')).toMatch(/\?done=repair$/);
    const mail = await lastMail(testApp, email);
    expect(mail.subject).toBe('Get The Lantern again?');
    const link = linkIn(mail, 'manage');
    expect(await (await open(link)).text()).toContain('Yes, send new articles from The Lantern');
    expect(await suppressions()).toEqual([{ reason }]);
    await post(link);
    expect(await (await open(link)).text()).toContain('Nothing stands in the way now');
    expect(await suppressions()).toEqual([]);
    expect(
      await testApp.context.db.many(sql`select kind, wording_version is not null as worded from consents`),
    ).toEqual([{ kind: 'confirmed', worded: true }]);
    await post(link);
    expect(await testApp.context.db.many(sql`select kind from consents`)).toHaveLength(1);
    await addArticles(testApp, publication, 'Harbour');
    await testApp.runDueJobs();
    expect((await lastMail(testApp, email)).subject).toBe('Harbour');
    expect(await page()).not.toContain(why);
  },
);

test.each(['never', 'operator'] as const)(
  'a suppression for "%s" cannot be lifted by her',
  async (reason) => {
    await stop(reason);
    expect(await page()).not.toContain('/repair');
    expect((await press()).headers.get('location')).toMatch(/\?done=repair-later$/);
    expect(await readMails(testApp)).toEqual([]);
  },
);

test('she lifts a bounce for all newsletters, and a complaint for the one newsletter whose link she opened', async () => {
  await stop('bounced', true);
  await stop('complained');
  await press();
  await post(linkIn(await lastMail(testApp, email), 'manage'));
  expect(await suppressions()).toEqual([]);
  const other = await testApp.createPublication({ slug: 'other', name: 'The Other' });
  const otherUnread = await testApp.createPublication({ slug: 'unread', name: 'The Unread' });
  const link = await findManageLink(testApp, email);
  await subscribeTo(other);
  testApp.advanceClock(DAY_MS);
  await stop('complained', true);
  expect(await (await open(link)).text()).toContain('marked our email as spam');
  await post(`${link}/repair`);
  await testApp.runDueJobs();
  await post(linkIn(await lastMail(testApp, email), 'manage'));
  const { db, hashAddress } = testApp.context;
  const isStopped = ({ id }: Publication) => isSuppressed(db, id, addressHashes(hashAddress, email));
  expect(await Promise.all([publication, other, otherUnread].map(isStopped))).toEqual([false, true, false]);
  expect(
    await db.many(
      sql`select reason, publication_id, change, changed_by from suppression_changes order by id`,
    ),
  ).toEqual([
    { reason: 'bounced', publicationId: null, change: 'lifted', changedBy: 'reader' },
    { reason: 'complained', publicationId: publication.id, change: 'lifted', changedBy: 'reader' },
    { reason: 'complained', publicationId: null, change: 'lifted', changedBy: 'reader' },
  ]);
});

test('a block after she asked stays, although the mail offers to lift it', async () => {
  await stop('bounced');
  await press();
  const link = linkIn(await lastMail(testApp, email), 'manage');
  await stop('never', true);
  await post(link);
  expect(await suppressions()).toEqual([{ reason: 'bounced' }, { reason: 'never' }]);
  await addArticles(testApp, publication, 'Harbour');
  await testApp.runDueJobs();
  expect(await readMails(testApp)).toHaveLength(1);
});

test('a mailbox that bounces again and again cannot be tried without end, and the page says so', async () => {
  await stop('bounced');
  await press();
  testApp.advanceClock(61_000);
  await press();
  expect((await press()).headers.get('location')).toMatch(/\?done=repair-later$/);
  expect(await readMails(testApp)).toHaveLength(2);
  const link = await findManageLink(testApp, email);
  expect(await (await open(`${link}?done=repair-later`)).text()).toContain('Please come back tomorrow.');
});

test('three days later the mail lifts nothing any more', async () => {
  await stop('bounced');
  await press();
  const link = linkIn(await lastMail(testApp, email), 'manage');
  testApp.advanceClock(3 * DAY_MS);
  await post(link);
  expect((await open(link)).status).toBe(410);
  expect(await suppressions()).toEqual([{ reason: 'bounced' }]);
});
