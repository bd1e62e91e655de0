import { takeOverJournals } from '../src/deliveries/batches/take-over.js';
import { republishForgotten } from '../src/deliveries/recover/republish-forgotten.js';
import type { Context } from '../src/platform/context.js';
import type { RestoreCheck } from '../src/platform/restore/restore-check.js';
import type { JobQueue } from '../src/platform/jobs/queue.js';
import { limitHeapGrowth } from '../src/platform/process/limit-heap.js';
import { startIntervalLoop } from '../src/platform/jobs/interval-loop.js';
import { createOutageLog } from '../src/platform/jobs/outage-log.js';
import { createHandlers } from './handlers.js';
import { createJobGate } from './job-gate.js';
import { startOutboxRelay } from './outbox-relay.js';
import { startWorkers } from './run-jobs.js';
import { startScheduler } from './scheduler.js';

/** Worker process: publishes the outbox, runs jobs, and enqueues those that repeat. `stop` finishes what is running. */
export function runWorker(
  context: Context,
  queue: JobQueue,
  restore: RestoreCheck,
): { stop(): Promise<void> } {
  const { db, log, now, clock } = context;
  const gate = createJobGate({ clock, restore });
  limitHeapGrowth();
  const scheduler = startScheduler({ db, log, now, gate });
  const relay = startOutboxRelay({ db, queue, log, now, gate });
  const recovery = startIntervalLoop(
    { ...RECOVERY_INTERVALS, outageLog: createOutageLog(log, 'recovery') },
    // By a wrong clock a live lease looks like a dead worker's.
    async () => {
      if (!clock.isTrusted()) return;
      await takeOverJournals(context);
      await republishForgotten(context);
    },
  );
  const workers = startWorkers({ db, log, now, queue, handlers: createHandlers(context), gate });
  return {
    stop: async () => {
      // Closed first, so that mails under way end while their jobs still run and can record how.
      const mailerClosed = context.mailer.close();
      await scheduler.stop();
      await relay.stop();
      await workers.stop();
      await mailerClosed;
      await recovery.stop();
    },
  };
}

/** How soon the journals of a killed worker are read by another one that shares its data directory. */
const RECOVERY_INTERVALS = { intervalMs: 5_000, intervalAfterFailureMs: 5_000 };
