import { createPostgresBackend, withBackend } from 'bullmq';
import {
  CONNECTION_LIMITS,
  readKnownSettings,
  sessionOptions,
  STATEMENT_LIMIT_MS,
} from '../db/session-settings.js';
import { UserFacingError } from '../user-facing-error.js';
import { waitAtMostMs } from '../process/timeouts.js';
import { MIN_EVENT_STREAM_OPTIONS, type Backend, type QueuedJobData } from './bullmq.js';
import { mapQueues, type QueueName } from './definitions.js';
import type { OutageLog } from './outage-log.js';

const { Queue, Worker } = withBackend(createPostgresBackend);

/** Closing waits no longer than this: while Postgres is away it would wait for ever. */
const CLOSE_TIMEOUT_MS = 5_000;

/**
 * Opens BullMQ in the schema `bullmq` of our database. It needs a direct connection: it listens for notifications, and sets its
 * search_path as a start-up option. Its migrations take an advisory lock, so several processes may start at once.
 */
export async function openPostgresBackend(databaseUrl: string, outageLog: OutageLog): Promise<Backend> {
  const knownSettings = await readKnownSettings(databaseUrl).catch(explainPooler);
  const connection = (max: number) => ({
    connectionString: databaseUrl,
    schema: 'bullmq',
    max,
    ...CONNECTION_LIMITS,
    query_timeout: STATEMENT_LIMIT_MS,
    options: sessionOptions(knownSettings),
  });
  /** Migrations have no limit: one may wait for another process's. */
  const unlimited = { query_timeout: 0, options: sessionOptions(knownSettings, { statement_timeout: '0' }) };
  const open = (queueName: QueueName, migrate: boolean) => {
    const queue = new Queue<QueuedJobData>(queueName, {
      connection: { ...connection(1), ...(migrate ? unlimited : {}), migrate },
      ...MIN_EVENT_STREAM_OPTIONS,
    });
    return queue.on('error', outageLog.recordFailure);
  };
  await migrateBullSchema(open('notices', true));
  const queues = mapQueues((queueName) => open(queueName, false));
  const all = Object.values(queues);
  await Promise.all(all.map((queue) => queue.waitUntilReady()));
  return {
    backend: 'postgres',
    queues,
    startWorker: (queueName, concurrency, handler) => {
      const worker = new Worker<QueuedJobData>(queueName, (job) => handler(job.data.outboxId), {
        connection: connection(3),
        concurrency,
        maxStalledCount: 0,
        runRetryDelay: 1_000,
      });
      worker.on('error', outageLog.recordFailure);
      return { close: () => worker.close() };
    },
    hasLostJobs: () => Promise.resolve(false),
    counters: { readCounter: () => Promise.resolve(0), raiseCounter: () => Promise.resolve() },
    check: () => queues.notices.count(),
    close: () => waitAtMostMs(CLOSE_TIMEOUT_MS, Promise.allSettled(all.map((queue) => queue.close()))),
  };
}

/** PgBouncer refuses start-up options, and would lose what listens for notifications. */
function explainPooler(error: unknown): never {
  if (!(error instanceof Error && /unsupported startup parameter/i.test(error.message))) throw error;
  throw new UserFacingError(
    'The queue on Postgres needs a direct connection, and DATABASE_URL leads through a connection pooler (PgBouncer). Nothing ' +
      'was started. Set REDIS_URL, or point DATABASE_URL at the database itself.',
    { cause: error },
  );
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
