import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { sql } from '../../src/platform/db/sql.js';
import type { JobQueue } from '../../src/platform/jobs/backend.js';
import { jobNames, type JobName } from '../../src/platform/jobs/contract.js';
import { enqueue } from '../../src/platform/jobs/outbox.js';
import { connectQueue } from '../../src/platform/jobs/queue.js';
import { startRelay } from '../../workers/relay.js';
import { startWorkers } from '../../workers/run-jobs.js';
import { startFeedServer } from '../support/feed-server.js';
import { openHouse } from '../support/house.js';
import { onRedis, testRedis, type TestRedis } from '../support/queues.js';
import { emptyHouse } from '../support/readers.js';
import { chores, type Place } from './chores.js';
import { until } from './support.js';

onRedis(() => {
  let place: Place;
  let folder: string;
  let redis: TestRedis;
  let queue: JobQueue;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'paperround-flushall-'));
    const mailLog = join(folder, 'mail.log');
    const house = await openHouse({ mailLog });
    place = { house, publication: await house.publish(), feeds: await startFeedServer(), mailLog };
    redis = await testRedis();
    queue = await connectQueue({ redisUrl: redis.url, databaseUrl: '', log: house.context.log });
  });
  beforeEach(async () => {
    await emptyHouse(place.house);
    await rm(place.mailLog, { force: true });
    place.publication = await place.house.publish();
  });
  afterAll(async () => {
    await queue.close();
    await redis.kill();
    await place.feeds.close();
    await place.house.close();
    await rm(folder, { recursive: true });
  });

  const promised = () =>
    place.house.context.db.many<{ name: JobName; offers: number }>(sql`select name, offers from outbox`);

  /** The only promise in the house. */
  async function promise<Name extends JobName>(name: Name): Promise<() => Promise<void>> {
    const { db, now } = place.house.context;
    const { payload, expectDone } = await chores[name](place);
    await db.run(sql`delete from outbox`);
    await db.transaction((tx) => enqueue(tx, name, payload, now()));
    return expectDone;
  }

  test.each(jobNames)(
    '%s is done, once, although Redis forgot it between being told and telling a worker',
    async (name) => {
      const { context, handlers } = place.house;
      const expectDone = await promise(name);
      const relay = startRelay({ ...context, queue });
      await until(async () => (await promised()).every(({ offers }) => offers === 1));
      await relay.stop();
      expect(await promised()).toEqual([{ name, offers: 1 }]);
      await redis.command('flushall');
      const workers = startWorkers({ ...context, queue, handlers });
      const again = startRelay({ ...context, queue });
      await until(async () => (await promised()).length === 0);
      await again.stop();
      await workers.stop();
      await expectDone();
    },
  );
});
