import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { sql } from '../../src/platform/db/sql.js';
import type { JobQueue } from '../../src/platform/jobs/queue.js';
import { jobNames, type JobName } from '../../src/platform/jobs/definitions.js';
import { enqueue } from '../../src/platform/jobs/outbox.js';
import { connectQueue } from '../../src/platform/jobs/connect-queue.js';
import { startOutboxRelay } from '../../workers/outbox-relay.js';
import { startWorkers } from '../../workers/run-jobs.js';
import { describeOnRedis, startTestRedis, type TestRedis } from '../support/test-redis.js';
import { jobScenarios } from './job-scenarios.js';
import { waitUntil } from '../support/wait-until.js';
import {
  openScenarioContext,
  resetScenarioContext,
  closeScenarioContext,
  type ScenarioContext,
} from './scenario-context.js';

describeOnRedis(() => {
  let scenario: ScenarioContext;
  let redis: TestRedis;
  let queue: JobQueue;
  beforeAll(async () => {
    scenario = await openScenarioContext();
    redis = await startTestRedis();
    queue = await connectQueue({ redisUrl: redis.url, databaseUrl: '', log: scenario.app.context.log });
  });
  beforeEach(() => resetScenarioContext(scenario));
  afterAll(async () => {
    await queue.close();
    await redis.kill();
    await closeScenarioContext(scenario);
  });

  const listOutbox = () =>
    scenario.app.context.db.many<{ name: JobName; publishCount: number }>(
      sql`select name, publish_count from outbox`,
    );

  /** Enqueues the one job that is in the outbox afterwards. */
  async function enqueueAlone<Name extends JobName>(name: Name): Promise<() => Promise<void>> {
    const { db, now } = scenario.app.context;
    const { payload, expectDone } = await jobScenarios[name](scenario);
    await db.run(sql`delete from outbox`);
    await db.transaction((tx) => enqueue(tx, name, payload, now()));
    return expectDone;
  }

  test.each(jobNames)('%s is done, once, although Redis lost it before a worker got it', async (name) => {
    const { context, handlers } = scenario.app;
    const expectDone = await enqueueAlone(name);
    const relay = startOutboxRelay({ ...context, queue });
    await waitUntil(async () => (await listOutbox()).every(({ publishCount }) => publishCount === 1));
    await relay.stop();
    expect(await listOutbox()).toEqual([{ name, publishCount: 1 }]);
    await redis.command('flushall');
    const workers = startWorkers({ ...context, queue, handlers });
    const secondRelay = startOutboxRelay({ ...context, queue });
    await waitUntil(async () => (await listOutbox()).length === 0);
    await secondRelay.stop();
    await workers.stop();
    await expectDone();
  });
});
