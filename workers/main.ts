import { takeOverJournals } from '../src/deliveries/take-over.js';
import type { Context } from '../src/platform/context.js';
import type { JobQueue } from '../src/platform/jobs/backend.js';
import { keepHeapSmall } from '../src/platform/frugal-heap.js';
import { repeat } from '../src/platform/jobs/repeat.js';
import { reportTrouble } from '../src/platform/jobs/trouble.js';
import { createHandlers } from './handlers.js';
import { startRelay } from './relay.js';
import { startWorkers } from './run-jobs.js';
import { startSchedule } from './schedule.js';

/** Worker process: hands promises to the queue, keeps them, and promises what repeats. `stop` finishes what is at work. */
export function runWorker(context: Context, queue: JobQueue): { stop(): Promise<void> } {
  const { db, log, now } = context;
  keepHeapSmall();
  const schedule = startSchedule({ db, log, now });
  const relay = startRelay({ db, queue, log, now });
  const heirs = repeat({ ...INHERITING, trouble: reportTrouble(log, 'take-over') }, () =>
    takeOverJournals(context),
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
const INHERITING = { everyMs: 5_000, afterTroubleMs: 5_000 };
