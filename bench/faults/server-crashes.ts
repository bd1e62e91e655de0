import { rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Bench } from '../bench.js';
import { faultMetric, toMetrics } from './metrics.js';
import { sleepRandomly, runScenario, waitForMessages } from './scenario.js';
import { flushRedis } from '../support/flush-redis.js';
import type { Metric } from '../support/metrics.js';
import { countStates } from '../support/ledger.js';

const FLUSH_COUNT = 5;

/** Redis is emptied while a digest is sent, and is then killed and comes back empty. */
export async function measureRedisLoss(bench: Bench): Promise<Metric[]> {
  const what = `FLUSHALL x ${FLUSH_COUNT}, then a Redis that comes back empty`;
  const { redis, folder } = bench.servers;
  if (redis === undefined) return [unmeasuredMetric(what, 'no redis-server on PATH')];
  const result = await runScenario(bench, { seconds: 35 }, async (context) => {
    const worker = context.startWorker();
    let messages = 0;
    for (let number = 1; number <= FLUSH_COUNT; number += 1) {
      messages = await waitForMessages(context, 50, messages);
      await sleepRandomly(1_500, 3_000);
      await flushRedis(redis.url);
    }
    await waitForMessages(context, 50, messages);
    await redis.crash('SIGKILL', () =>
      rmSync(join(folder, 'redis/redis/appendonlydir'), { recursive: true, force: true }),
    );
    await waitForMessages(context, 50, await context.sink.messages());
    await context.finish();
    await worker.stop();
  });
  return toMetrics(what, result, { missed: 0, doubled: 0, uncertain: 0 });
}

const CRASH_COUNT = 5;

/** Postgres stops in the middle of what it does (an immediate shutdown), and recovers. */
export async function measurePostgresCrashes(bench: Bench): Promise<Metric[]> {
  const what = `Postgres immediate restart x ${CRASH_COUNT}`;
  const sendingBefore: number[] = [];
  const result = await runScenario(bench, { seconds: 35 }, async (context) => {
    const worker = context.startWorker();
    let messages = 0;
    for (let number = 1; number <= CRASH_COUNT; number += 1) {
      messages = await waitForMessages(context, 50, messages);
      await sleepRandomly(1_000, 3_000);
      sendingBefore.push((await countStates(context.db, context.fixture.publicationId))['sending'] ?? 0);
      await bench.servers.postgres.crash('SIGQUIT');
      messages = await context.sink.messages();
    }
    await context.finish();
    await worker.stop();
  });
  const idle = sendingBefore.filter((count) => count === 0).length;
  return toMetrics(
    what,
    result,
    // The worker lives on and loses no reply, so nobody may be mailed twice.
    { missed: 0, doubled: 0, uncertain: 0 },
    {
      note: `in sending just before: ${sendingBefore.join(', ')}`,
      invalid: idle > 0 ? `${idle} crashes found nothing in sending` : undefined,
    },
  );
}

export function unmeasuredMetric(what: string, note: string): Metric {
  return { ...faultMetric(what, 0, '', undefined, note), value: undefined };
}
