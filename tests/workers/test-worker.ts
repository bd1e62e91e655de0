import { randomUUID } from 'node:crypto';
import { Writable } from 'node:stream';
import pino from 'pino';
import type { JobQueue } from '../../src/platform/jobs/queue.js';
import {
  jobNames,
  type ParsedJob,
  type Handlers,
  type JobName,
  type Payload,
} from '../../src/platform/jobs/definitions.js';
import { connectQueue } from '../../src/platform/jobs/connect-queue.js';
import type { Log } from '../../src/platform/log.js';
import { startOutboxRelay } from '../../workers/outbox-relay.js';
import { startWorkers } from '../../workers/run-jobs.js';
import { createTestDatabase, type TestDatabase } from '../support/test-database.js';
import { startTestRedis, type BackendName, type TestRedis } from '../support/test-redis.js';

export type LogLine = { event: string; level: string; [field: string]: unknown };
type JobRun = { name: JobName; payload: unknown };

/** What a worker process needs, with a database and Redis of its own. `close` stops everything that was started. */
export type TestWorker = {
  database: TestDatabase;
  redis: TestRedis | undefined;
  queue: JobQueue;
  log: Log;
  logLines: LogLine[];
  /** Jobs that ran, in the order they started. */
  runs: JobRun[];
  /** `aheadMs` lets time pass; `stoppedAt` stops it. */
  clock: { aheadMs: number; stoppedAt?: number };
  now: () => Date;
  startRelay(republishAfterMs?: number): Stoppable;
  startWorkers(handlers?: Partial<Handlers>, republishAfterMs?: number): Stoppable;
  close(): Promise<void>;
};
type Stoppable = { stop(graceMs?: number): Promise<void> };

export async function openTestWorker(backend: BackendName): Promise<TestWorker> {
  const database = await createTestDatabase();
  const redis = backend === 'redis' ? await startTestRedis() : undefined;
  const { log, lines } = createMemoryLog();
  const queue = await connectQueue({ redisUrl: redis?.url, databaseUrl: database.url, log });
  const clock: TestWorker['clock'] = { aheadMs: 0 };
  const now = () => new Date((clock.stoppedAt ?? Date.now()) + clock.aheadMs);
  const runs: JobRun[] = [];
  const record = async (name: JobName, payload: unknown) => void runs.push({ name, payload });
  const started: Stoppable[] = [];
  const start = <Started extends Stoppable>(one: Started) => (started.push(one), one);
  const { db } = database;
  const republish = (republishAfterMs: number | undefined) =>
    republishAfterMs === undefined ? {} : { republishAfterMs };
  return {
    database,
    redis,
    queue,
    log,
    logLines: lines,
    runs,
    clock,
    now,
    startRelay: (ms) => start(startOutboxRelay({ db, queue, log, now, ...republish(ms) })),
    startWorkers: (handlers = {}, ms) => {
      const all = { ...handleEveryJob(record), ...handlers };
      return start(startWorkers({ db, queue, log, now, handlers: all, ...republish(ms) }));
    },
    close: async () => {
      await Promise.all(started.map((one) => one.stop(2_000)));
      await queue.close();
      await database.close();
      await redis?.kill();
    },
  };
}

/** A log that keeps its lines. */
export function createMemoryLog(): { log: Log; lines: LogLine[] } {
  const lines: LogLine[] = [];
  const write = (chunk: Buffer, _: string, done: () => void) => {
    lines.push(JSON.parse(chunk.toString()) as LogLine);
    done();
  };
  const formatters = { level: (level: string) => ({ level }) };
  return { log: pino({ formatters }, new Writable({ write })), lines };
}

/** Something a handler can wait for. */
export function createLatch(): { opened: Promise<void>; open(): void } {
  let open = () => {};
  const opened = new Promise<void>((resolve) => (open = resolve));
  return { opened, open };
}

/** A job of every name. */
export function sampleJobs(): ParsedJob[] {
  const id = randomUUID();
  const payloads: { [Name in JobName]: Payload<Name> } = {
    'answer-sign-ups': { requestIds: [id] },
    'answer-link-request': { requestId: id },
    'send-test': { testId: id },
    'send-test-bounce': { testId: id },
    'record-left-requests': {},
    'erase-events': { subscriptionId: id },
    'send-welcome': { consentId: id },
    'send-notice': { noticeId: id },
    'alert-operators': {},
    'post-alert': { alertId: id },
    'mail-invitation': { invitationId: id },
    'answer-recovery': { recoveryId: id },
    'tell-credential-change': { changeId: id },
    heartbeat: {},
    'watch-sign-ups': {},
    'poll-feed': { feedId: id },
    'subscribe-hub': { feedId: id },
    'poll-due': {},
    'poll-mailbox': {},
    'read-inbound': { inboundMailId: id },
    'release-articles': { publicationId: id },
    'release-due': {},
    'plan-instant': { publicationId: id },
    'plan-digest': { digestId: id },
    'plan-due': {},
    'resume-paused': {},
    'note-mailed': {},
    'change-readers': { changeId: id },
    'suppress-file': { fileId: id },
    'import-readers': { importId: id },
    'start-imported': {},
    'hash-addresses': {},
    'count-due': {},
    'send-batch': { digestId: id, batch: 7 },
    'cancel-deliveries': { digestId: id },
    'resume-deliveries': { digestId: id, asOf: '2026-11-22T09:00:00.000Z' },
    'retry-deliveries': { digestId: id, asOf: '2026-11-22T09:00:00.000Z' },
    sweep: {},
    reconcile: {},
    purge: {},
    'add-up-counts': {},
    'check-counts': {},
    'check-senders': {},
    'judge-providers': {},
  };
  return Object.entries(payloads).map(([name, payload]) => ({ name, payload }) as ParsedJob);
}

/** The same handler for every job. */
export function handleEveryJob(handler: (name: JobName, payload: unknown) => Promise<void>): Handlers {
  const handlers = jobNames.map((name) => [name, (payload: unknown) => handler(name, payload)]);
  return Object.fromEntries(handlers) as Handlers;
}
