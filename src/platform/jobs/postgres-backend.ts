import { createPostgresBackend, withBackend } from 'bullmq';
import type { QueueName } from './definitions.js';
import {
  waitAtMostMs,
  mapQueues,
  MIN_EVENT_STREAM_OPTIONS,
  type Backend,
  type QueuedJobData,
} from './backend.js';
import type { OutageLog } from './outage-log.js';

const { Queue, Worker } = withBackend(createPostgresBackend);

/** No more than this, even when Postgres went away before we did. */
const CLOSE_TIMEOUT_MS = 5_000;

/**
 * BullMQ in the schema `bullmq` of our own database. Its migrations take an advisory lock, so that several processes
 * may start at once.
 */
export async function openPostgresBackend(databaseUrl: string, trouble: OutageLog): Promise<Backend> {
  const connection = (max: number) => ({ connectionString: databaseUrl, schema: 'bullmq', max });
  const open = (lane: QueueName, migrate: boolean) => {
    const queue = new Queue<QueuedJobData>(lane, {
      connection: { ...connection(1), migrate },
      ...MIN_EVENT_STREAM_OPTIONS,
    });
    return queue.on('error', trouble.recordFailure);
  };
  await migrateBullSchema(open('notices', true));
  const queues = mapQueues((lane) => open(lane, false));
  const all = Object.values(queues);
  await Promise.all(all.map((queue) => queue.waitUntilReady()));
  return {
    backend: 'postgres',
    queues,
    startWorker: (lane, concurrency, handler) => {
      const worker = new Worker<QueuedJobData>(lane, (job) => handler(job.data.outboxId), {
        connection: connection(3),
        concurrency,
        maxStalledCount: 0,
        runRetryDelay: 1_000,
      });
      worker.on('error', trouble.recordFailure);
      return { close: () => worker.close() };
    },
    hasLostJobs: () => Promise.resolve(false),
    close: () => waitAtMostMs(CLOSE_TIMEOUT_MS, Promise.allSettled(all.map((queue) => queue.close()))),
  };
}

async function migrateBullSchema(queue: {
  waitUntilReady(): Promise<void>;
  close(): Promise<void>;
}): Promise<void> {
  try {
    await queue.waitUntilReady();
  } finally {
    await queue.close();
  }
}
