import type { Page } from 'playwright-core';
import { raw, sql } from '../../../src/platform/db/sql.js';
import type { Fixture } from '../fixture.js';

/** Opens the circuits of a domain and of a whole server while the page is loaded. */
export async function addOpenCircuits(page: Page, { testApp }: Fixture, path: string): Promise<void> {
  const { db, now } = testApp.context;
  await db.run(sql`
    insert into circuits (transport_id, domain, kind, reason, reply_count, failure_count, opened_at, closes_at)
    select t.id, c.domain, c.kind, c.reason, c.reply_count, c.failure_count, ${now()}, c.closes_at
      from (select min(id) as id from transports) as t,
           (values ('university-of-the-outer-harbour.example', 'bounces', '550 5.1.1 Recipient not found', 140, 31, null),
                   ('', 'throttled', '421 4.7.28 Too many messages; see https://limits.example/${raw('a'.repeat(60))}', 24, 20,
                    ${new Date(now().getTime() + 240_000)}::timestamptz)) as c (domain, kind, reason, reply_count, failure_count, closes_at)
  `);
  await page.goto(testApp.url + path);
  await db.run(sql`delete from circuits`);
}
