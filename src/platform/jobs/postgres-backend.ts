import { createPostgresBackend, withBackend } from 'bullmq';
import type { Lane } from './contract.js';
import { atMost, eachLane, noEvents, type Backend, type Ring } from './backend.js';
import type { Trouble } from './trouble.js';

const { Queue, Worker } = withBackend(createPostgresBackend);

/** No more than this, even when Postgres went away before we did. */
const CLOSE_MS = 5_000;

/**
 * BullMQ in the schema `bullmq` of our own database. Its migrations take an advisory lock, so that several processes
 * may start at once.
 */
export async function postgresBackend(databaseUrl: string, trouble: Trouble): Promise<Backend> {
  const connection = (max: number) => ({ connectionString: databaseUrl, schema: 'bullmq', max });
  const open = (lane: Lane, migrate: boolean) => {
    const queue = new Queue<Ring>(lane, { connection: { ...connection(1), migrate }, ...noEvents });
    return queue.on('error', trouble.begin);
  };
  await prepareSchema(open('notices', true));
  const queues = eachLane((lane) => open(lane, false));
  const all = Object.values(queues);
  await Promise.all(all.map((queue) => queue.waitUntilReady()));
  return {
    backend: 'postgres',
    queues,
    work: (lane, concurrency, handler) => {
      const worker = new Worker<Ring>(lane, (job) => handler(job.data.outboxId), {
        connection: connection(3),
        concurrency,
        maxStalledCount: 0,
        runRetryDelay: 1_000,
      });
      worker.on('error', trouble.begin);
      return { close: () => worker.close() };
    },
    hasForgotten: () => Promise.resolve(false),
    close: () => atMost(CLOSE_MS, Promise.allSettled(all.map((queue) => queue.close()))),
  };
}

async function prepareSchema(queue: {
  waitUntilReady(): Promise<void>;
  close(): Promise<void>;
}): Promise<void> {
  try {
    await queue.waitUntilReady();
  } finally {
    await queue.close();
  }
}
