import type { Context } from '../src/platform/context.js';
import type { JobQueue } from '../src/platform/jobs/backend.js';
import { createHandlers } from './handlers.js';
import { startRelay } from './relay.js';
import { startWorkers } from './run-jobs.js';
import { startSchedule } from './schedule.js';

/** Worker process: hands promises to the queue, keeps them, and promises what repeats. `stop` finishes what is at work. */
export function runWorker(context: Context, queue: JobQueue): { stop(): Promise<void> } {
  const { db, log, now } = context;
  const schedule = startSchedule({ db, log, now });
  const relay = startRelay({ db, queue, log, now });
  const workers = startWorkers({ db, log, now, queue, handlers: createHandlers(context) });
  return {
    stop: async () => {
      await schedule.stop();
      await relay.stop();
      await workers.stop();
    },
  };
}
