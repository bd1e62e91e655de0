import { createRedisBackend, withBackend } from 'bullmq';
import { Redis, type RedisOptions } from 'ioredis';
import {
  waitAtMostMs,
  mapQueues,
  MIN_EVENT_STREAM_OPTIONS,
  type Backend,
  type QueuedJobData,
} from './backend.js';
import type { OutageLog } from './outage-log.js';

const { Queue, Worker } = withBackend(createRedisBackend);

const KEY_PREFIX = 'paperround';
/** Only a Redis that forgot everything does not have it. */
const DATA_MARKER_KEY = `${KEY_PREFIX}:remembers`;

const CONNECT_TIMEOUT_MS = 2_000;
const CLOSE_TIMEOUT_MS = 2_000;

const sharedOptions = {
  retryStrategy: (times) => Math.min(100 * times, 1_000),
  connectTimeout: 5_000,
  // Also how long a socket that is closed already keeps the process alive.
  disconnectTimeout: 200,
} satisfies RedisOptions;

/** The relay must hear at once that Redis is away: nothing waits in memory, and a silent Redis counts as away. */
const producerOptions = {
  ...sharedOptions,
  enableOfflineQueue: false,
  maxRetriesPerRequest: 1,
  commandTimeout: 3_000,
};

/** A worker waits for Redis as long as it takes; BullMQ demands it. */
const workerOptions = { ...sharedOptions, maxRetriesPerRequest: null };

/** BullMQ on Redis. Starts also when Redis is down. */
export async function openRedisBackend(url: string, trouble: OutageLog): Promise<Backend> {
  const opened: Redis[] = [];
  const open = (options: typeof producerOptions | typeof workerOptions) =>
    trackConnection(new Redis(url, options), opened, trouble);
  const producer = open(producerOptions);
  producer.on('ready', trouble.recordSuccess);
  await waitAtMostMs(CONNECT_TIMEOUT_MS, waitForConnectOrError(producer));
  let consumer: Redis | undefined;
  const queues = mapQueues((lane) => {
    // Checking the version would be done once and, with Redis down at that moment, break the queue for good.
    const ready = { skipWaitingForReady: true, skipVersionCheck: true };
    const queue = new Queue<QueuedJobData>(lane, {
      connection: producer,
      prefix: KEY_PREFIX,
      ...ready,
      ...MIN_EVENT_STREAM_OPTIONS,
    });
    return queue.on('error', trouble.recordFailure);
  });
  return {
    backend: 'redis',
    queues,
    startWorker: (lane, concurrency, handler) => {
      const connection = (consumer ??= open(workerOptions));
      const worker = new Worker<QueuedJobData>(lane, (job) => handler(job.data.outboxId), {
        connection,
        prefix: KEY_PREFIX,
        concurrency,
        maxStalledCount: 0,
        runRetryDelay: 1_000,
      });
      worker.on('error', trouble.recordFailure);
      // With Redis down an orderly close waits for ever.
      return { close: () => worker.close(connection.status !== 'ready') };
    },
    hasLostJobs: async () => (await producer.set(DATA_MARKER_KEY, '1', 'NX')) === 'OK',
    close: async () => {
      await waitAtMostMs(
        CLOSE_TIMEOUT_MS,
        Promise.allSettled(Object.values(queues).map((queue) => queue.close())),
      );
      for (const connection of opened) if (connection.status !== 'end') connection.disconnect();
    },
  };
}

/** Either it is there or it said why not. */
function waitForConnectOrError(redis: Redis): Promise<void> {
  return new Promise((heard) => redis.once('ready', () => heard()).once('error', () => heard()));
}

/** BullMQ duplicates a worker's connection and, when Redis is down, does not close the copy: we keep all of them. */
function trackConnection(redis: Redis, opened: Redis[], trouble: OutageLog): Redis {
  const duplicate = redis.duplicate.bind(redis);
  redis.duplicate = (...override) => trackConnection(duplicate(...override), opened, trouble);
  redis.on('error', trouble.recordFailure);
  opened.push(redis);
  return redis;
}
