import type { Db } from '../src/platform/db/database.js';
import {
  mapQueues,
  parseJob,
  type Handlers,
  type JobName,
  type ParsedJob,
  type QueueName,
} from '../src/platform/jobs/definitions.js';
import {
  backoffMs,
  deleteFinishedJob,
  MAX_BACKOFF_MS,
  postponeJob,
  readJob,
  type OutboxJob,
} from '../src/platform/jobs/outbox-job.js';
import { REPUBLISH_AFTER_MS } from '../src/platform/jobs/publish-outbox.js';
import type { JobQueue } from '../src/platform/jobs/queue.js';
import { repeatIntervalMs } from '../src/platform/jobs/schedules.js';
import { describeError, type Log } from '../src/platform/log.js';
import { waitAtMostMs } from '../src/platform/process/timeouts.js';
import { OPEN_GATE, type JobGate } from './job-gate.js';

type JobRunnerOptions = {
  db: Db;
  log: Log;
  now: () => Date;
  handlers: Handlers;
  republishAfterMs?: number;
  gate?: JobGate;
};

/** How many jobs of each queue one process runs at a time. */
const DEFAULT_CONCURRENCY: Record<QueueName, number> = { notices: 5, feeds: 5, digests: 3, deliveries: 3 };

const STOP_GRACE_MS = 25_000;

/**
 * Runs jobs as they arrive, with one worker a queue, until stopped.
 * @param republishAfterMs how long the row of a running job is not published again; extended while it runs
 * @returns `stop` takes no more jobs and waits for what is running, at most `graceMs`
 */
export function startWorkers(
  options: JobRunnerOptions & { queue: JobQueue; concurrency?: Partial<Record<QueueName, number>> },
): { stop(graceMs?: number): Promise<void> } {
  const running = new Map<number, Promise<void>>();
  const concurrency = { ...DEFAULT_CONCURRENCY, ...options.concurrency };
  const workers = mapQueues((queueName) =>
    options.queue.startWorker(queueName, concurrency[queueName], (outboxId) =>
      runOncePerId(running, outboxId, () => runOutboxJob(options, outboxId)),
    ),
  );
  return {
    stop: async (graceMs = STOP_GRACE_MS) => {
      const closing = Object.values(workers).map((worker) => worker.close());
      await waitAtMostMs(
        graceMs,
        Promise.allSettled(closing).then(() => Promise.allSettled(running.values())),
      );
    },
  };
}

/** A row that is published again while it still runs here is not started twice. */
async function runOncePerId(
  running: Map<number, Promise<void>>,
  id: number,
  work: () => Promise<void>,
): Promise<void> {
  if (running.has(id)) return;
  const done = work().finally(() => running.delete(id));
  running.set(id, done);
  await done;
}

/** Never throws: a row whose result could not be saved is published again. */
async function runOutboxJob(options: JobRunnerOptions, outboxId: number): Promise<void> {
  try {
    const job = await readJob(options.db, outboxId);
    if (job !== undefined) await runJob(options, outboxId, job);
  } catch (error) {
    options.log.error({ event: 'job.result-not-saved', outboxId, ...describeError(error) });
  }
}

async function runJob(options: JobRunnerOptions, outboxId: number, outboxJob: OutboxJob): Promise<void> {
  const { db, log, now, gate = OPEN_GATE } = options;
  const job = parseJob(outboxJob.name, outboxJob.payload);
  if (job === undefined) {
    // A newer version may have enqueued it: it waits for a worker that knows it.
    log.error({ event: 'job.unknown', outboxId, name: outboxJob.name });
    return postponeJob(db, outboxId, now(), MAX_BACKOFF_MS);
  }
  try {
    if (!(await gate.mayRun({ name: job.name, createdAt: outboxJob.createdAt }))) return;
    await withClaimExtended(options, outboxId, outboxJob.dueAt, () => callHandler(options.handlers, job));
  } catch (error) {
    log.error({ event: 'job.failed', outboxId, name: job.name, ...describeError(error) });
    const waitMs = backoffMs(outboxJob.publishCount, maxBackoffMs(job.name));
    return postponeJob(db, outboxId, now(), waitMs);
  }
  await deleteFinishedJob(db, outboxId);
}

function callHandler<Name extends JobName>(handlers: Handlers, job: ParsedJob<Name>): Promise<void> {
  return handlers[job.name](job.payload);
}

/** While the handler runs, its row does not become due, so that no other process gets it. */
async function withClaimExtended(
  { db, log, now, republishAfterMs = REPUBLISH_AFTER_MS }: JobRunnerOptions,
  outboxId: number,
  dueAt: Date,
  work: () => Promise<void>,
): Promise<void> {
  const intervalMs = republishAfterMs / 3;
  // A failure is harmless alone: the next one may succeed, and a handler may run twice.
  const extend = () =>
    postponeJob(db, outboxId, now(), republishAfterMs).catch((error: unknown) =>
      log.warn({ event: 'job.claim-not-extended', outboxId, ...describeError(error) }),
    );
  // Most jobs start at once and are over soon: only one that waited long in the queue needs a write before it runs.
  if (dueAt.getTime() - now().getTime() < 2 * intervalMs) await extend();
  const timer = setInterval(() => void extend(), intervalMs);
  try {
    await work();
  } finally {
    clearInterval(timer);
  }
}

/** A repeating job that fails is tried again by its next time at the latest. */
function maxBackoffMs(name: JobName): number {
  return Math.min(repeatIntervalMs(name) ?? MAX_BACKOFF_MS, MAX_BACKOFF_MS);
}
