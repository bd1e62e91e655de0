import { takeOverJournals } from '../src/deliveries/batches/take-over.js';
import type { Context } from '../src/platform/context.js';
import type { JobQueue } from '../src/platform/jobs/backend.js';
import { limitHeapGrowth } from '../src/platform/process/limit-heap.js';
import { startIntervalLoop } from '../src/platform/jobs/interval-loop.js';
import { createOutageLog } from '../src/platform/jobs/outage-log.js';
import { createHandlers } from './handlers.js';
import { startOutboxRelay } from './outbox-relay.js';
import { startWorkers } from './run-jobs.js';
import { startScheduler } from './scheduler.js';

/** Worker process: hands promises to the queue, keeps them, and promises what repeats. `stop` finishes what is at work. */
export function runWorker(context: Context, queue: JobQueue): { stop(): Promise<void> } {
  const { db, log, now } = context;
  limitHeapGrowth();
  const schedule = startScheduler({ db, log, now });
  const relay = startOutboxRelay({ db, queue, log, now });
  const heirs = startIntervalLoop(
    { ...RECOVERY_INTERVALS, outageLog: createOutageLog(log, 'take-over') },
    () => takeOverJournals(context),
  );
  const workers = startWorkers({ db, log, now, queue, handlers: createHandlers(context) });
  return {
    stop: async () => {
      // What is on the wire has its time to finish, and the jobs behind it then still have theirs to record how.
      const wires = context.mailer.close();
      await schedule.stop();
      await relay.stop();
      await workers.stop();
      await wires;
      await heirs.stop();
    },
  };
}

/** What a worker that was killed has left is taken up this soon, by the next one that shares its data directory. */
const RECOVERY_INTERVALS = { intervalMs: 5_000, intervalAfterFailureMs: 5_000 };
