import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { sql } from '../../src/platform/db/sql.js';
import { DAY_MS } from '../../src/platform/durations.js';
import { jobNames, type JobName } from '../../src/platform/jobs/definitions.js';
import { createHandlers } from '../../workers/handlers.js';
import { advanceAndRunJobs } from '../support/fixtures.js';
import { changedTables, dumpTables } from '../support/table-dump.js';
import { jobScenarios } from './job-scenarios.js';
import { sampleJobs } from './test-worker.js';
import {
  openScenarioContext,
  resetScenarioContext,
  closeScenarioContext,
  type ScenarioContext,
} from './scenario-context.js';

let scenario: ScenarioContext;
beforeAll(async () => {
  scenario = await openScenarioContext();
});
beforeEach(() => resetScenarioContext(scenario));
afterAll(() => closeScenarioContext(scenario));

const dumpAppTables = () => dumpTables(scenario.app.context.db);

/** Adds the rows that make the job necessary; the outbox is empty. */
async function prepare<Name extends JobName>(name: Name) {
  const { payload, expectDone } = await jobScenarios[name](scenario);
  await scenario.app.context.db.run(sql`delete from outbox`);
  const run = () => scenario.app.handlers[name](payload);
  return { run, expectDone };
}

/** The tables that a job changes again days later, because it is due again. */
const TABLES_DUE_DAYS_LATER: Partial<Record<JobName, string[]>> = {
  'alert-operators': ['alerts', 'notices', 'outbox'],
  'watch-sign-ups': ['activity', 'attacks'],
  'poll-feed': ['feeds'],
  'subscribe-hub': ['feeds'],
  'poll-due': ['outbox'],
  'poll-mailbox': ['mailboxes'],
  'plan-due': ['subscriptions'],
  'add-up-counts': ['count_changes', 'count_sums'],
  'check-senders': ['publication_checks'],
};

/** What these do is seen by the server that they call. */
const CHANGE_NO_TABLE: readonly JobName[] = ['post-alert', 'heartbeat'];

test('there is a handler for every job', () => {
  expect(Object.keys(createHandlers(scenario.app.context)).sort()).toEqual([...jobNames].sort());
});

describe.each(jobNames)('%s', (name) => {
  test('run twice in a row has no further effect', async () => {
    const { run, expectDone } = await prepare(name);
    const before = await dumpAppTables();
    await run();
    await expectDone();
    const after = await dumpAppTables();
    expect(changedTables(before, after).length > 0).toBe(!CHANGE_NO_TABLE.includes(name));
    await run();
    expect(changedTables(after, await dumpAppTables())).toEqual([]);
  });

  test('run three times at once does it once', async () => {
    const { run, expectDone } = await prepare(name);
    await Promise.all([run(), run(), run()]);
    await expectDone();
    await scenario.app.runDueJobs();
    await expectDone();
  });

  test('run days later has no wrong effect', async () => {
    const { run, expectDone } = await prepare(name);
    await run();
    await advanceAndRunJobs(scenario.app, 0);
    await advanceAndRunJobs(scenario.app, 3 * DAY_MS);
    await advanceAndRunJobs(scenario.app, 0);
    const sent = scenario.app.smtp.messages.length;
    const before = await dumpAppTables();
    await run();
    expect(changedTables(before, await dumpAppTables())).toEqual(TABLES_DUE_DAYS_LATER[name] ?? []);
    await expectDone();
    expect(scenario.app.smtp.messages).toHaveLength(sent);
  });
});

test.each(sampleJobs().map((job) => [job.name, job] as const))(
  '%s for something that is not there changes nothing',
  async (_name, job) => {
    const before = await dumpAppTables();
    await scenario.app.handlers[job.name](job.payload as never);
    // A look is noted whatever it finds.
    const noted = job.name === 'check-senders' ? ['publication_checks'] : [];
    expect(changedTables(before, await dumpAppTables())).toEqual(noted);
    expect(scenario.app.smtp.commands).toEqual([]);
  },
);
