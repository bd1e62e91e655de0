import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { sql } from '../../src/platform/db/sql.js';
import { DAY_MS } from '../../src/platform/durations.js';
import { jobNames, type JobName } from '../../src/platform/jobs/definitions.js';
import { createHandlers } from '../../workers/handlers.js';
import { startFeedServer } from '../support/feed-server.js';
import { openTestApp } from '../support/test-app.js';
import { resetTestApp, advanceAndRunJobs } from '../support/fixtures.js';
import { changedTables, dumpTables } from '../support/table-dump.js';
import { jobScenarios, type ScenarioContext } from './job-scenarios.js';
import { sampleJobs } from './test-worker.js';

let place: ScenarioContext;
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'paperround-handlers-'));
  const mailLog = join(folder, 'mail.log');
  const app = await openTestApp({ mailLog });
  place = {
    app,
    publication: await app.createPublication(),
    feeds: await startFeedServer(),
    mailLog,
  };
});
beforeEach(async () => {
  await resetTestApp(place.app);
  await rm(place.mailLog, { force: true });
  place.publication = await place.app.createPublication();
});
afterAll(async () => {
  await place.feeds.close();
  await place.app.close();
  await rm(folder, { recursive: true });
});

const dumpAppTables = () => dumpTables(place.app.context.db);

/** Its rows are there and the outbox is empty: this job alone has something to do. */
async function prepare<Name extends JobName>(name: Name) {
  const { payload, expectDone } = await jobScenarios[name](place);
  await place.app.context.db.run(sql`delete from outbox`);
  const run = () => place.app.handlers[name](payload);
  return { run, expectDone };
}

/** What a job changes again days later, because it is due again. */
const TABLES_DUE_DAYS_LATER: Partial<Record<JobName, string[]>> = {
  'alert-operators': ['alerts', 'notices', 'outbox'],
  'watch-sign-ups': ['attacks'],
  'poll-feed': ['feeds'],
  'subscribe-hub': ['feeds'],
  'poll-due': ['outbox'],
  'plan-due': ['subscriptions'],
};

test('there is a handler for every job', () => {
  expect(Object.keys(createHandlers(place.app.context)).sort()).toEqual([...jobNames].sort());
});

describe.each(jobNames)('%s', (name) => {
  test('run twice in a row does no harm', async () => {
    const { run, expectDone } = await prepare(name);
    const before = await dumpAppTables();
    await run();
    await expectDone();
    const after = await dumpAppTables();
    expect(changedTables(before, after)).not.toEqual([]);
    await run();
    expect(changedTables(after, await dumpAppTables())).toEqual([]);
  });

  test('run three times at once does it once', async () => {
    const { run, expectDone } = await prepare(name);
    await Promise.all([run(), run(), run()]);
    await expectDone();
    await place.app.runDueJobs();
    await expectDone();
  });

  test('run days later, when everything has moved on, does no harm', async () => {
    const { run, expectDone } = await prepare(name);
    await run();
    await advanceAndRunJobs(place.app, 0);
    await advanceAndRunJobs(place.app, 3 * DAY_MS);
    await advanceAndRunJobs(place.app, 0);
    const sent = place.app.smtp.messages.length;
    const before = await dumpAppTables();
    await run();
    expect(changedTables(before, await dumpAppTables())).toEqual(TABLES_DUE_DAYS_LATER[name] ?? []);
    await expectDone();
    expect(place.app.smtp.messages).toHaveLength(sent);
  });
});

test.each(sampleJobs().map((job) => [job.name, job] as const))(
  '%s for something that is not there changes nothing',
  async (_name, job) => {
    const before = await dumpAppTables();
    await place.app.handlers[job.name](job.payload as never);
    expect(changedTables(before, await dumpAppTables())).toEqual([]);
    expect(place.app.smtp.commands).toEqual([]);
  },
);
