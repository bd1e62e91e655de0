import type { Db } from '../src/platform/db/database.js';
import { waitAtMostMs, mapQueues, type JobQueue } from '../src/platform/jobs/backend.js';
import {
  parseJob,
  repeatIntervalSeconds,
  type ParsedJob,
  type Handlers,
  type JobName,
  type QueueName,
} from '../src/platform/jobs/definitions.js';
import {
  backoffMs,
  deleteFinishedJob,
  extendClaim,
  MAX_BACKOFF_MS,
  REPUBLISH_AFTER_MS,
  readJob,
  retryLater,
  type OutboxJob,
} from '../src/platform/jobs/outbox.js';
import { describeError } from '../src/platform/jobs/outage-log.js';
import type { Log } from '../src/platform/log.js';

type JobRunnerOptions = { db: Db; log: Log; now: () => Date; handlers: Handlers; republishAfterMs?: number };

/** How many jobs of each lane one process runs at a time. */
const DEFAULT_CONCURRENCY: Record<QueueName, number> = { notices: 5, feeds: 5, digests: 3, deliveries: 3 };

const STOP_GRACE_MS = 25_000;

/**
 * Runs jobs as they are rung for, one worker a lane, until stopped.
 * @param againMs how long a running job's row is kept from being offered again; renewed while it runs
 * @returns `stop` takes no more and waits for what is running, at most `graceMs`
 */
export function startWorkers(
  runner: JobRunnerOptions & { queue: JobQueue; concurrency?: Partial<Record<QueueName, number>> },
): { stop(graceMs?: number): Promise<void> } {
  const running = new Map<number, Promise<void>>();
  const concurrency = { ...DEFAULT_CONCURRENCY, ...runner.concurrency };
  const workers = mapQueues((lane) =>
    runner.queue.startWorker(lane, concurrency[lane], (outboxId) =>
      runOncePerId(running, outboxId, () => runOutboxJob(runner, outboxId)),
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

/** A row that is offered again while it is still at work here is not started twice. */
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

/** Never throws: a row that could not be settled is offered again. */
async function runOutboxJob(runner: JobRunnerOptions, outboxId: number): Promise<void> {
  try {
    const promised = await readJob(runner.db, outboxId);
    if (promised !== undefined) await runJob(runner, outboxId, promised);
  } catch (error) {
    runner.log.error({ event: 'job.unsettled', outboxId, ...describeError(error) });
  }
}

async function runJob(runner: JobRunnerOptions, outboxId: number, promised: OutboxJob): Promise<void> {
  const { db, log, now } = runner;
  const job = parseJob(promised.name, promised.payload);
  if (job === undefined) {
    // Perhaps promised by a newer version: nothing is lost by waiting for a worker that knows it.
    log.error({ event: 'job.refused', outboxId, name: promised.name });
    return retryLater(db, outboxId, now(), MAX_BACKOFF_MS);
  }
  try {
    await withClaimExtended(runner, outboxId, promised.dueAt, () => callHandler(runner.handlers, job));
  } catch (error) {
    log.error({ event: 'job.failed', outboxId, name: job.name, ...describeError(error) });
    return retryLater(db, outboxId, now(), backoffMs(promised.publishCount, maxBackoffMs(job.name)));
  }
  await deleteFinishedJob(db, outboxId);
}

function callHandler<Name extends JobName>(handlers: Handlers, job: ParsedJob<Name>): Promise<void> {
  return handlers[job.name](job.payload);
}

/** While the handler runs, the row is kept from being offered to another process. */
async function withClaimExtended(
  { db, now, republishAfterMs = REPUBLISH_AFTER_MS }: JobRunnerOptions,
  outboxId: number,
  dueAt: Date,
  work: () => Promise<void>,
): Promise<void> {
  const beatMs = republishAfterMs / 3;
  const holdIt = () => extendClaim(db, outboxId, now(), republishAfterMs).catch(() => {});
  // Most jobs start at once and are over soon: only one that waited long in the queue needs a write before it runs.
  if (dueAt.getTime() - now().getTime() < 2 * beatMs) await holdIt();
  const beat = setInterval(() => void holdIt(), beatMs);
  try {
    await work();
  } finally {
    clearInterval(beat);
  }
}

/** Repeated work that fails is tried at its next time, not ten minutes later. */
function maxBackoffMs(name: JobName): number {
  const seconds = repeatIntervalSeconds(name);
  return seconds === undefined ? MAX_BACKOFF_MS : Math.min(seconds * 1000, MAX_BACKOFF_MS);
}
