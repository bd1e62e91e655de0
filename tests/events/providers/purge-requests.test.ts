import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { addHook } from '../../../src/events/providers/change-hooks.js';
import { receiveRequest } from '../../../src/events/providers/receive-request.js';
import { sql } from '../../../src/platform/db/sql.js';
import { DAY_MS, MINUTE_MS } from '../../../src/platform/durations.js';
import { openTestApp, type TestApp } from '../../support/test-app.js';

let testApp: TestApp;
beforeAll(async () => void (testApp = await openTestApp()));
afterAll(() => testApp.close());

const body = Buffer.from(
  JSON.stringify({ event: 'spam', email: 'ada@example.com', 'message-id': '<1@mail.example>' }),
);

test('what a web process stored and could not record is recorded by a worker, once, and deleted after 30 days', async () => {
  const { context, handlers } = testApp;
  const { db } = context;
  const added = await addHook(context, { provider: 'brevo' });
  const hook = { id: added.kind === 'added' ? added.id : '', provider: 'brevo' } as const;
  // As where the database or the process goes away in between.
  await db.run(sql`alter table events rename to events_away`);
  await expect(receiveRequest(context, hook, { key: 'one', body })).rejects.toThrow();
  await db.run(sql`alter table events_away rename to events`);
  await handlers['record-left-requests']({});
  expect(await db.many(sql`select class from events`)).toEqual([]);
  testApp.advanceClock(2 * MINUTE_MS);
  for (let times = 0; times < 2; times++) await handlers['record-left-requests']({});
  expect(await db.many(sql`select class from events`)).toEqual([{ class: 'complaint' }]);
  // The provider sends it again, too.
  expect(await receiveRequest(context, hook, { key: 'one', body })).toBe('repeated');
  testApp.advanceClock(29 * DAY_MS);
  await handlers.purge({});
  expect(await db.many(sql`select key from provider_requests`)).toEqual([{ key: 'one' }]);
  testApp.advanceClock(2 * DAY_MS);
  await handlers.purge({});
  expect(await db.many(sql`select key from provider_requests`)).toEqual([]);
});
