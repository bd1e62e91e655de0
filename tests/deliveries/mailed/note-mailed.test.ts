import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { sql } from '../../../src/platform/db/sql.js';
import { addArticles, addReaders } from '../../support/fixtures.js';
import { recountDeliveries } from '../../support/recount-deliveries.js';
import { openTestApp, type TestApp } from '../../support/test-app.js';

let app: TestApp;

beforeAll(async () => {
  app = await openTestApp();
});
afterAll(() => app.close());

const listed = () =>
  app.context.db.many<{ email: string; month: number | null; bounced: boolean }>(sql`
    select email_key as email, mailed_month - 2026 * 12 as month, bounced_at is not null as bounced
      from listed_readers order by email_key
  `);

async function setState(email: string, state: string, at: string): Promise<void> {
  const { db } = app.context;
  await db.run(sql`
    update deliveries d set state = ${state}, updated_at = ${at}::timestamptz
      from listed_readers l where l.subscription_id = d.subscription_id and l.email_key = ${email}
  `);
  await recountDeliveries(db);
}

test('who was mailed last in which month is noted once a digest is over, also where it goes on, and a bounce until she confirms anew', async () => {
  const { db } = app.context;
  const publication = await app.createPublication();
  const emails = ['a@example.com', 'b@example.com', 'c@example.com'];
  await addReaders(app, publication, emails, { cadence: 'instant' });
  await db.run(sql`update subscriptions set confirmed_at = '2026-01-01'`);
  await addArticles(app, publication, 'Harbour');
  await app.runDueJobs();
  await setState('a@example.com', 'accepted', '2026-11-30T23:00Z');
  await setState('b@example.com', 'rejected', '2026-11-30T23:00Z');
  await setState('c@example.com', 'uncertain', '2026-11-30T23:00Z');
  await app.handlers['note-mailed']({});
  const [before] = await db.many<{ state: string }>(sql`select state from digests`);
  if (before?.state !== 'closed') {
    expect((await listed()).map(({ month }) => month)).toEqual([null, null, null]);
    await db.run(sql`update digests set state = 'closed'`);
    await app.handlers['note-mailed']({});
  }
  expect(await listed()).toEqual([
    { email: 'a@example.com', month: 11, bounced: false },
    { email: 'b@example.com', month: null, bounced: true },
    { email: 'c@example.com', month: null, bounced: false },
  ]);
  await db.run(sql`update digests set state = 'sending'`);
  await setState('b@example.com', 'accepted', '2026-12-01T01:00Z');
  await db.run(sql`update digests set state = 'closed'`);
  await app.handlers['note-mailed']({});
  expect((await listed())[1]).toMatchObject({ month: 12, bounced: true });
  await db.run(sql`update subscriptions set confirmed_at = '2026-12-02'`);
  expect((await listed())[1]).toMatchObject({ month: 12, bounced: false });
});
