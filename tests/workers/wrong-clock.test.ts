import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { DAY_MS } from '../../src/platform/durations.js';
import { sql } from '../../src/platform/db/sql.js';
import { createHandlers } from '../../workers/handlers.js';
import { resetTestApp } from '../support/fixtures.js';
import { postJson, readMails } from '../support/reader-actions.js';
import { openTestApp, type TestApp } from '../support/test-app.js';

let testApp: TestApp;

beforeAll(async () => {
  testApp = await openTestApp();
});
beforeEach(async () => {
  await resetTestApp(testApp);
  await testApp.createPublication();
});
afterAll(() => testApp.close());

test.each([-365 * DAY_MS, 365 * DAY_MS])(
  'a sign-up that is answered by a worker whose clock is off by %d ms is mailed by the others',
  async (off) => {
    const { context } = testApp;
    const wrong = createHandlers({
      ...context,
      now: () => new Date(context.now().getTime() + off),
      clock: { isTrusted: () => false, commonNow: context.now },
    });
    await postJson(`${testApp.url}/lantern/subscriptions`, { email: 'ada@example.com' });
    const { payload } = await context.db.one<{ payload: { requestIds: string[] } }>(
      sql`delete from outbox where name = 'answer-sign-ups' returning payload`,
    );
    await wrong['answer-sign-ups'](payload);
    await testApp.runDueJobs();
    expect((await readMails(testApp)).map(({ to }) => to)).toEqual(['ada@example.com']);
  },
);
