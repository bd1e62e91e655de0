import type { Db } from '../src/platform/db/database.js';
import { jobNames, queueNames, queueOf, type QueueName } from '../src/platform/jobs/definitions.js';
import {
  makeClaimedJobsDue,
  claimDueJobs,
  REPUBLISH_AFTER_MS,
  unclaimJobs,
  type ClaimedJob,
} from '../src/platform/jobs/outbox.js';
import type { JobQueue } from '../src/platform/jobs/backend.js';
import { startIntervalLoop, type IntervalLoop } from '../src/platform/jobs/interval-loop.js';
import { createOutageLog } from '../src/platform/jobs/outage-log.js';
import type { Log } from '../src/platform/log.js';

type OutboxRelayOptions = { db: Db; queue: JobQueue; log: Log; now: () => Date; republishAfterMs?: number };

const INTERVAL_MS = 250;
const RETRY_MS = 2_000;
const BATCH_SIZE = 100;

const NOTICE_JOB_NAMES = jobNames.filter((name) => queueOf(name) === 'notices');

/**
 * Hands due outbox rows to the queue until stopped; `stop` waits for the pass under way. Any number may run at once.
 * @param againMs how long a row may have been offered without being finished before it is offered again
 */
export function startOutboxRelay({ log, ...relay }: OutboxRelayOptions): IntervalLoop {
  const rhythm = {
    intervalMs: INTERVAL_MS,
    intervalAfterFailureMs: RETRY_MS,
    outageLog: createOutageLog(log, 'relay'),
  };
  return startIntervalLoop(rhythm, (signal) => publishDueJobs(relay, signal));
}

async function publishDueJobs(relay: Omit<OutboxRelayOptions, 'log'>, signal: AbortSignal): Promise<void> {
  const { db, queue, now, republishAfterMs = REPUBLISH_AFTER_MS } = relay;
  if (await queue.hasLostJobs()) await makeClaimedJobsDue(db, now());
  for (;;) {
    const offers = await claimDueJobs(db, now(), BATCH_SIZE, { againMs: republishAfterMs });
    await publishByQueue(relay, offers);
    if (offers.length < BATCH_SIZE || signal.aborted) return;
    // Much is due: what a person is waiting for overtakes the batches of a large digest.
    await publishByQueue(
      relay,
      await claimDueJobs(db, now(), BATCH_SIZE, { againMs: republishAfterMs, only: NOTICE_JOB_NAMES }),
    );
  }
}

async function publishByQueue(
  relay: Omit<OutboxRelayOptions, 'log'>,
  offers: readonly ClaimedJob[],
): Promise<void> {
  const handed = await Promise.allSettled(
    queueNames.map((lane) =>
      publish(
        relay,
        lane,
        offers.filter((offer) => queueOf(offer.name) === lane),
      ),
    ),
  );
  const failed = handed.find((lane) => lane.status === 'rejected');
  if (failed !== undefined) throw failed.reason;
}

async function publish(
  { db, queue, now }: Omit<OutboxRelayOptions, 'log'>,
  lane: QueueName,
  offers: readonly ClaimedJob[],
): Promise<void> {
  if (offers.length === 0) return;
  try {
    await queue.add(lane, offers);
  } catch (error) {
    await unclaimJobs(db, offers, new Date(now().getTime() + RETRY_MS));
    throw error;
  }
}
