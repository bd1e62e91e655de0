import type { Db } from '../src/platform/db/database.js';
import { jobNames, queueNames, queueOf, type QueueName } from '../src/platform/jobs/definitions.js';
import { startIntervalLoop, type IntervalLoop } from '../src/platform/jobs/interval-loop.js';
import { createOutageLog } from '../src/platform/jobs/outage-log.js';
import {
  claimDueJobs,
  makeClaimedJobsDue,
  REPUBLISH_AFTER_MS,
  unclaimJobs,
  type ClaimedJob,
} from '../src/platform/jobs/publish-outbox.js';
import type { JobQueue } from '../src/platform/jobs/queue.js';
import type { Log } from '../src/platform/log.js';
import { OPEN_GATE, type JobGate } from './job-gate.js';

type Relay = { db: Db; queue: JobQueue; now: () => Date; republishAfterMs?: number; gate?: JobGate };

const INTERVAL_MS = 250;
const RETRY_MS = 2_000;
const BATCH_SIZE = 100;

const NOTICE_JOB_NAMES = jobNames.filter((name) => queueOf(name) === 'notices');

/**
 * Publishes due outbox rows to the queue until stopped; `stop` waits for the pass under way. Any number may run at once.
 * @param republishAfterMs how long after it was published a row that is not finished is published again
 */
export function startOutboxRelay({ log, ...relay }: Relay & { log: Log }): IntervalLoop {
  const options = {
    intervalMs: INTERVAL_MS,
    intervalAfterFailureMs: RETRY_MS,
    outageLog: createOutageLog(log, 'outbox-relay'),
  };
  return startIntervalLoop(options, (signal) => publishDueJobs(relay, signal));
}

async function publishDueJobs(relay: Relay, signal: AbortSignal): Promise<void> {
  const { db, queue, now, republishAfterMs = REPUBLISH_AFTER_MS, gate = OPEN_GATE } = relay;
  const only = gate.onlyJobs();
  if (only === undefined && (await queue.hasLostJobs())) await makeClaimedJobsDue(db, now());
  for (;;) {
    const jobs = await claimDueJobs(db, now(), BATCH_SIZE, { republishAfterMs, ...(only && { only }) });
    await publishByQueue(relay, jobs);
    if (jobs.length < BATCH_SIZE || signal.aborted) return;
    // Much is due: what a person is waiting for overtakes the batches of a large digest.
    const notices = { republishAfterMs, only: NOTICE_JOB_NAMES };
    await publishByQueue(relay, await claimDueJobs(db, now(), BATCH_SIZE, notices));
  }
}

/** A queue that fails does not hold up the others. @throws the first failure, when all have been tried */
async function publishByQueue(relay: Relay, jobs: readonly ClaimedJob[]): Promise<void> {
  const published = await Promise.allSettled(
    queueNames.map((queueName) =>
      publish(
        relay,
        queueName,
        jobs.filter(({ name }) => queueOf(name) === queueName),
      ),
    ),
  );
  const failed = published.find(({ status }) => status === 'rejected');
  if (failed?.status === 'rejected') throw failed.reason;
}

async function publish(
  { db, queue, now }: Relay,
  queueName: QueueName,
  jobs: readonly ClaimedJob[],
): Promise<void> {
  if (jobs.length === 0) return;
  try {
    await queue.add(queueName, jobs);
  } catch (error) {
    await unclaimJobs(db, jobs, new Date(now().getTime() + RETRY_MS));
    throw error;
  }
}
