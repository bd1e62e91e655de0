import { createRedisBackend, withBackend } from 'bullmq';
import { Redis, type RedisOptions } from 'ioredis';
import { atMost, eachLane, noEvents, type Backend, type Ring } from './backend.js';
import type { Trouble } from './trouble.js';

const { Queue, Worker } = withBackend(createRedisBackend);

const prefix = 'paperround';
/** Only a Redis that forgot everything does not have it. */
const memory = `${prefix}:remembers`;

const START_MS = 2_000;
const CLOSE_MS = 2_000;

const common = {
  retryStrategy: (times) => Math.min(100 * times, 1_000),
  connectTimeout: 5_000,
  // Also how long a socket that is closed already keeps the process alive.
  disconnectTimeout: 200,
} satisfies RedisOptions;

/** The relay must hear at once that Redis is away: nothing waits in memory, and a silent Redis counts as away. */
const impatient = { ...common, enableOfflineQueue: false, maxRetriesPerRequest: 1, commandTimeout: 3_000 };

/** A worker waits for Redis as long as it takes; BullMQ demands it. */
const patient = { ...common, maxRetriesPerRequest: null };

/** BullMQ on Redis. Starts also when Redis is down. */
export async function redisBackend(url: string, trouble: Trouble): Promise<Backend> {
  const opened: Redis[] = [];
  const open = (options: typeof impatient | typeof patient) =>
    remember(new Redis(url, options), opened, trouble);
  const producer = open(impatient);
  producer.on('ready', trouble.end);
  await atMost(START_MS, heardOf(producer));
  let consumer: Redis | undefined;
  const queues = eachLane((lane) => {
    // Checking the version would be done once and, with Redis down at that moment, break the queue for good.
    const ready = { skipWaitingForReady: true, skipVersionCheck: true };
    const queue = new Queue<Ring>(lane, {
      connection: producer,
      prefix,
      ...ready,
      ...noEvents,
    });
    return queue.on('error', trouble.begin);
  });
  return {
    backend: 'redis',
    queues,
    work: (lane, concurrency, handler) => {
      const connection = (consumer ??= open(patient));
      const worker = new Worker<Ring>(lane, (job) => handler(job.data.outboxId), {
        connection,
        prefix,
        concurrency,
        maxStalledCount: 0,
        runRetryDelay: 1_000,
      });
      worker.on('error', trouble.begin);
      // With Redis down an orderly close waits for ever.
      return { close: () => worker.close(connection.status !== 'ready') };
    },
    hasForgotten: async () => (await producer.set(memory, '1', 'NX')) === 'OK',
    close: async () => {
      await atMost(CLOSE_MS, Promise.allSettled(Object.values(queues).map((queue) => queue.close())));
      for (const connection of opened) if (connection.status !== 'end') connection.disconnect();
    },
  };
}

/** Either it is there or it said why not. */
function heardOf(redis: Redis): Promise<void> {
  return new Promise((heard) => redis.once('ready', () => heard()).once('error', () => heard()));
}

/** BullMQ duplicates a worker's connection and, when Redis is down, does not close the copy: we keep all of them. */
function remember(redis: Redis, opened: Redis[], trouble: Trouble): Redis {
  const duplicate = redis.duplicate.bind(redis);
  redis.duplicate = (...override) => remember(duplicate(...override), opened, trouble);
  redis.on('error', trouble.begin);
  opened.push(redis);
  return redis;
}
