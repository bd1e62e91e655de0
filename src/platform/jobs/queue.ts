import type { Log } from '../log.js';
import { waitAtMostMs, BULL_JOB_OPTIONS, type JobQueue } from './backend.js';
import type { ClaimedJob } from './outbox.js';
import { openPostgresBackend } from './postgres-backend.js';
import { openRedisBackend } from './redis-backend.js';
import { createOutageLog } from './outage-log.js';

const PING_TIMEOUT_MS = 2_000;

/**
 * BullMQ on Redis when there is a `redisUrl`, else on Postgres (schema `bullmq`, migrated here).
 * A Redis that is down does not stop anything: it is logged once and used when it is back.
 * @throws when Postgres is to be used and cannot be reached
 */
export async function connectQueue(options: {
  redisUrl?: string | undefined;
  databaseUrl: string;
  log: Log;
}): Promise<JobQueue> {
  const trouble = createOutageLog(options.log, 'queue');
  const { queues, ...backend } =
    options.redisUrl === undefined
      ? await openPostgresBackend(options.databaseUrl, trouble)
      : await openRedisBackend(options.redisUrl, trouble);
  return {
    ...backend,
    add: async (lane, offers) => {
      await queues[lane].addBulk(offers.map(toBullJob));
      trouble.recordSuccess();
    },
    ping: () => respondsInTime(queues.notices),
  };
}

function toBullJob({ outboxId, publishCount, name }: ClaimedJob) {
  return { name, data: { outboxId }, opts: { ...BULL_JOB_OPTIONS, jobId: `o-${outboxId}-${publishCount}` } };
}

async function respondsInTime(queue: { count(): Promise<number> }): Promise<boolean> {
  let answered = false;
  const asked = queue.count().then(
    () => (answered = true),
    () => false,
  );
  await waitAtMostMs(PING_TIMEOUT_MS, asked);
  return answered;
}
