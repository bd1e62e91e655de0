import { createRedisBackend, withBackend } from 'bullmq';
import { Redis, type RedisOptions } from 'ioredis';
import type { Log } from '../log.js';
import { waitAtMostMs } from '../process/timeouts.js';
import { MIN_EVENT_STREAM_OPTIONS, type Backend, type QueuedJobData } from './bullmq.js';
import { mapQueues, type QueueName } from './definitions.js';
import type { OutageLog } from './outage-log.js';
import { explainRedisFault } from './redis-fault.js';

const { Queue, Worker } = withBackend(createRedisBackend);

const KEY_PREFIX = 'paperround';
/** A key that is written once: when it is missing, Redis has lost its data. */
const DATA_MARKER_KEY = `${KEY_PREFIX}:data-marker`;

/** The highest counter of each installation, which a database that was restored is behind. */
const COUNTERS_KEY = `${KEY_PREFIX}:counters`;
/** A key that is written to find out whether Redis takes anything. */
const CHECK_KEY = `${KEY_PREFIX}:check`;
const CHECK_KEY_SECONDS = 60;

const CONNECT_TIMEOUT_MS = 2_000;
/** A connection that is being made anew is ready sooner. */
const RECONNECT_LIMIT_MS = 500;
const CLOSE_TIMEOUT_MS = 2_000;

const sharedOptions = {
  retryStrategy: (times) => Math.min(100 * times, 1_000),
  connectTimeout: 5_000,
  // In milliseconds; a socket that is closed already keeps the process alive for as long.
  disconnectTimeout: 200,
} satisfies RedisOptions;

/** For publishing: fails at once when Redis is away, instead of queueing in memory, and after 3 s when it does not answer. */
const producerOptions = {
  ...sharedOptions,
  enableOfflineQueue: false,
  maxRetriesPerRequest: 1,
  commandTimeout: 3_000,
};

/** For workers, which wait for Redis without limit: BullMQ requires `maxRetriesPerRequest: null`. */
const workerOptions = { ...sharedOptions, maxRetriesPerRequest: null };

/**
 * BullMQ checks the version only once, which would make a queue unusable for good while Redis is down, and prints words of its own
 * about eviction with that, for each connection.
 */
const BULL_OPTIONS = { prefix: KEY_PREFIX, skipVersionCheck: true };
const BULL_WORKER_OPTIONS = { ...BULL_OPTIONS, maxStalledCount: 0, runRetryDelay: 1_000 };

/** Opens BullMQ on Redis. Resolves also while Redis is down. */
export async function openRedisBackend(url: string, outages: OutageLog, log: Log): Promise<Backend> {
  const outageLog = {
    ...outages,
    recordFailure: (error: unknown) => outages.recordFailure(explainRedisFault(error)),
  };
  const opened: Redis[] = [];
  const open = (options: typeof producerOptions | typeof workerOptions) =>
    trackConnection(new Redis(url, { ...options, reconnectOnError: leaveCopies() }), opened, outageLog);
  const producer = open(producerOptions);
  producer.on('ready', outageLog.recordSuccess);
  producer.once('ready', () => void warnOfEviction(producer, log));
  await waitAtMostMs(CONNECT_TIMEOUT_MS, waitForConnectOrError(producer));
  const asked = <Answer>(ask: () => Promise<Answer>) => askWhenReady(producer, ask);
  let consumer: Redis | undefined;
  const bullQueues = mapQueues((queueName) => openQueue(queueName, producer, outageLog));
  return {
    backend: 'redis',
    queues: mapQueues((queueName) => ({
      addBulk: (jobs) => asked(() => bullQueues[queueName].addBulk(jobs)),
    })),
    startWorker: (queueName, concurrency, handler) => {
      const connection = (consumer ??= open(workerOptions));
      const options = { ...BULL_WORKER_OPTIONS, connection, concurrency };
      const worker = new Worker<QueuedJobData>(queueName, (job) => handler(job.data.outboxId), options);
      worker.on('error', outageLog.recordFailure);
      // `true`: do not wait for running jobs. While Redis is down BullMQ would wait for ever, also where it goes down meanwhile.
      const lost = () => new Promise<void>((resolve) => connection.once('close', resolve));
      return { close: () => Promise.race([worker.close(connection.status !== 'ready'), lost()]) };
    },
    hasLostJobs: async () => (await asked(() => producer.set(DATA_MARKER_KEY, '1', 'NX'))) === 'OK',
    counters: {
      readCounter: async (id) => Number((await producer.zscore(COUNTERS_KEY, id)) ?? 0),
      raiseCounter: async (id, counter) => void (await producer.zadd(COUNTERS_KEY, 'GT', counter, id)),
    },
    // A write: a Redis that is full or a read-only copy still answers reads.
    check: () => asked(() => producer.set(CHECK_KEY, '1', 'EX', CHECK_KEY_SECONDS)),
    close: async () => {
      await waitAtMostMs(
        CLOSE_TIMEOUT_MS,
        Promise.allSettled(Object.values(bullQueues).map((queue) => queue.close())),
      );
      for (const connection of opened) if (connection.status !== 'end') connection.disconnect();
    },
  };
}

/**
 * Asks Redis; a connection that is just being made anew is waited for.
 * @throws in our words where Redis takes nothing
 */
async function askWhenReady<Answer>(redis: Redis, ask: () => Promise<Answer>): Promise<Answer> {
  if (redis.status !== 'ready') await waitAtMostMs(RECONNECT_LIMIT_MS, waitForConnectOrError(redis));
  try {
    return await ask();
  } catch (error) {
    throw explainRedisFault(error);
  }
}

/**
 * A Redis that evicts keys loses jobs, which are late then. Managed ones may not let us ask, and then nothing is said.
 * https://redis.io/docs/latest/develop/reference/eviction/
 */
async function warnOfEviction(redis: Redis, log: Log): Promise<void> {
  const memory = await redis.info('memory').catch(() => '');
  const policy = /^maxmemory_policy:(\S+)/m.exec(memory)?.[1];
  if (policy === undefined || policy === 'noeviction') return;
  log.warn({
    event: 'queue.evicts',
    policy,
    says: `Redis drops keys when it is full (maxmemory-policy ${policy}), jobs among them, which makes mail late. Set maxmemory-policy to noeviction.`,
  });
}

function openQueue(queueName: QueueName, connection: Redis, outageLog: OutageLog) {
  const queue = new Queue<QueuedJobData>(queueName, {
    ...BULL_OPTIONS,
    connection,
    skipWaitingForReady: true,
    ...MIN_EVENT_STREAM_OPTIONS,
  });
  return queue.on('error', outageLog.recordFailure);
}

/** A copy that stays one is not asked anew by every command. */
const MIN_RECONNECT_INTERVAL_MS = 5_000;

/**
 * After a failover by name the old primary is a copy that still answers: a connection that hears so is made anew, to where
 * the name leads now; the command fails as it would. For one connection.
 */
function leaveCopies(): (error: Error) => boolean {
  let reconnectedAt = -Infinity;
  return ({ message }) => {
    if (!message.startsWith('READONLY')) return false;
    if (performance.now() - reconnectedAt < MIN_RECONNECT_INTERVAL_MS) return false;
    reconnectedAt = performance.now();
    return true;
  };
}

/** Resolves when it is connected, or at the first error. */
function waitForConnectOrError(redis: Redis): Promise<void> {
  return new Promise((resolve) => redis.once('ready', () => resolve()).once('error', () => resolve()));
}

/**
 * Adds a connection and its duplicates to `opened`: while Redis is down, BullMQ does not close the duplicates that it
 * makes.
 */
function trackConnection(redis: Redis, opened: Redis[], outageLog: OutageLog): Redis {
  const duplicate = redis.duplicate.bind(redis);
  redis.duplicate = (override) =>
    trackConnection(duplicate({ ...override, reconnectOnError: leaveCopies() }), opened, outageLog);
  redis.on('error', outageLog.recordFailure);
  opened.push(redis);
  return redis;
}
