import { SECOND_MS } from '../durations.js';
import type { Log } from '../log.js';
import { waitAtMostMs } from '../process/timeouts.js';
import { redactCredentials } from '../text/redact.js';
import { BULL_JOB_OPTIONS } from './bullmq.js';
import { createOutageLog } from './outage-log.js';
import type { ClaimedJob } from './publish-outbox.js';
import { openPostgresBackend } from './postgres-backend.js';
import type { JobQueue } from './queue.js';
import { openRedisBackend } from './redis-backend.js';

const CHECK_TIMEOUT_MS = 2 * SECOND_MS;

/**
 * Connects to BullMQ on Redis if there is a `redisUrl`, otherwise on Postgres (schema `bullmq`, migrated here). A Redis that
 * is down is logged once and used when it is back.
 * @throws when Postgres is to be used and cannot be reached
 */
export async function connectQueue(options: {
  redisUrl?: string | undefined;
  databaseUrl: string;
  log: Log;
}): Promise<JobQueue> {
  const outageLog = createOutageLog(options.log, 'queue');
  const { queues, check, ...backend } =
    options.redisUrl === undefined
      ? await openPostgresBackend(options.databaseUrl, outageLog)
      : await openRedisBackend(options.redisUrl, outageLog, options.log);
  return {
    ...backend,
    add: async (queueName, jobs) => {
      await queues[queueName].addBulk(jobs.map(toBullJob));
      outageLog.recordSuccess();
    },
    findFault: () => findFaultInTime(check),
  };
}

/** BullMQ drops a job whose id it has already, so the id has the count too: a row that is published again is another job. */
function toBullJob({ outboxId, publishCount, name }: ClaimedJob) {
  return { name, data: { outboxId }, opts: { ...BULL_JOB_OPTIONS, jobId: `o-${outboxId}-${publishCount}` } };
}

async function findFaultInTime(check: () => Promise<unknown>): Promise<string | undefined> {
  let fault: string | undefined = `It has not answered for ${CHECK_TIMEOUT_MS / SECOND_MS} seconds.`;
  const checked = check().then(
    () => void (fault = undefined),
    (error: unknown) =>
      void (fault = redactCredentials(error instanceof Error ? error.message : String(error))),
  );
  await waitAtMostMs(CHECK_TIMEOUT_MS, checked);
  return fault;
}
