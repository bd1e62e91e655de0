import type { Context } from '../../src/platform/context.js';
import {
  parseJob,
  type Handlers,
  type JobName,
  type ParsedJob,
} from '../../src/platform/jobs/definitions.js';
import { deleteFinishedJob, readJob } from '../../src/platform/jobs/outbox-job.js';
import { claimDueJobs } from '../../src/platform/jobs/publish-outbox.js';

/** The same handlers; `settled` waits for those that are still running. */
export function trackHandlers(handlers: Handlers): { handlers: Handlers; settled(): Promise<void> } {
  const running = new Set<Promise<void>>();
  const track = (handler: (payload: never) => Promise<void>) => (payload: never) => {
    const run = handler(payload);
    running.add(run);
    const untrack = () => void running.delete(run);
    run.then(untrack, untrack);
    return run;
  };
  const wrapped = Object.entries(handlers).map(([name, handler]) => [name, track(handler)]);
  return {
    handlers: Object.fromEntries(wrapped) as Handlers,
    settled: async () => void (await Promise.allSettled(running)),
  };
}

/** Runs the jobs that are due, and those they enqueue, until none is left. Answers their names in order. */
export async function runDueJobs(context: Context, handlers: Handlers): Promise<JobName[]> {
  const { db, now } = context;
  const done: JobName[] = [];
  for (;;) {
    const claimed = await claimDueJobs(db, now(), 100);
    if (claimed.length === 0) return done;
    for (const { outboxId } of claimed) {
      const row = await readJob(db, outboxId);
      const job = row && parseJob(row.name, row.payload);
      if (job === undefined) throw new Error(`There is no handler for the job ${row?.name ?? outboxId}`);
      await callHandler(handlers, job);
      await deleteFinishedJob(db, outboxId);
      done.push(job.name);
    }
  }
}

function callHandler<Name extends JobName>(handlers: Handlers, job: ParsedJob<Name>): Promise<void> {
  return handlers[job.name](job.payload);
}
