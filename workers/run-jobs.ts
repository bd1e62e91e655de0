import type { Db } from '../src/platform/db/database.js';
import { atMost, eachLane, type JobQueue } from '../src/platform/jobs/backend.js';
import {
  checkJob,
  secondsBetween,
  type CheckedJob,
  type Handlers,
  type JobName,
  type Lane,
} from '../src/platform/jobs/contract.js';
import {
  backoff,
  finish,
  hold,
  LONGEST_WAIT_MS,
  OFFER_AGAIN_MS,
  readPromise,
  retryLater,
  type Promised,
} from '../src/platform/jobs/outbox.js';
import { describe } from '../src/platform/jobs/trouble.js';
import type { Log } from '../src/platform/log.js';

type Runner = { db: Db; log: Log; now: () => Date; handlers: Handlers; againMs?: number };

/** How many jobs of each lane one process runs at a time. */
const usual: Record<Lane, number> = { notices: 5, feeds: 5, digests: 3, deliveries: 3 };

const GRACE_MS = 25_000;

/**
 * Runs jobs as they are rung for, one worker a lane, until stopped.
 * @param againMs how long a running job's row is kept from being offered again; renewed while it runs
 * @returns `stop` takes no more and waits for what is running, at most `graceMs`
 */
export function startWorkers(
  runner: Runner & { queue: JobQueue; concurrency?: Partial<Record<Lane, number>> },
): { stop(graceMs?: number): Promise<void> } {
  const running = new Map<number, Promise<void>>();
  const concurrency = { ...usual, ...runner.concurrency };
  const workers = eachLane((lane) =>
    runner.queue.work(lane, concurrency[lane], (outboxId) =>
      once(running, outboxId, () => run(runner, outboxId)),
    ),
  );
  return {
    stop: async (graceMs = GRACE_MS) => {
      const closing = Object.values(workers).map((worker) => worker.close());
      await atMost(
        graceMs,
        Promise.allSettled(closing).then(() => Promise.allSettled(running.values())),
      );
    },
  };
}

/** A row that is offered again while it is still at work here is not started twice. */
async function once(
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
async function run(runner: Runner, outboxId: number): Promise<void> {
  try {
    const promised = await readPromise(runner.db, outboxId);
    if (promised !== undefined) await keepPromise(runner, outboxId, promised);
  } catch (error) {
    runner.log.error({ event: 'job.unsettled', outboxId, ...describe(error) });
  }
}

async function keepPromise(runner: Runner, outboxId: number, promised: Promised): Promise<void> {
  const { db, log, now } = runner;
  const job = checkJob(promised.name, promised.payload);
  if (job === undefined) {
    // Perhaps promised by a newer version: nothing is lost by waiting for a worker that knows it.
    log.error({ event: 'job.refused', outboxId, name: promised.name });
    return retryLater(db, outboxId, now(), LONGEST_WAIT_MS);
  }
  try {
    await whileHeld(runner, outboxId, promised.dueAt, () => handle(runner.handlers, job));
  } catch (error) {
    log.error({ event: 'job.failed', outboxId, name: job.name, ...describe(error) });
    return retryLater(db, outboxId, now(), backoff(promised.offers, longestWait(job.name)));
  }
  await finish(db, outboxId);
}

function handle<Name extends JobName>(handlers: Handlers, job: CheckedJob<Name>): Promise<void> {
  return handlers[job.name](job.payload);
}

/** While the handler runs, the row is kept from being offered to another process. */
async function whileHeld(
  { db, now, againMs = OFFER_AGAIN_MS }: Runner,
  outboxId: number,
  dueAt: Date,
  work: () => Promise<void>,
): Promise<void> {
  const beatMs = againMs / 3;
  const holdIt = () => hold(db, outboxId, now(), againMs).catch(() => {});
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
function longestWait(name: JobName): number {
  const seconds = secondsBetween(name);
  return seconds === undefined ? LONGEST_WAIT_MS : Math.min(seconds * 1000, LONGEST_WAIT_MS);
}
