import type { Db } from '../src/platform/db/database.js';
import { jobNames, lanes, laneOf, type Lane } from '../src/platform/jobs/contract.js';
import {
  offerAllAgain,
  offerDue,
  OFFER_AGAIN_MS,
  takeBack,
  type Offer,
} from '../src/platform/jobs/outbox.js';
import type { JobQueue } from '../src/platform/jobs/backend.js';
import { repeat, type Repeated } from '../src/platform/jobs/repeat.js';
import { reportTrouble } from '../src/platform/jobs/trouble.js';
import type { Log } from '../src/platform/log.js';

type Relay = { db: Db; queue: JobQueue; log: Log; now: () => Date; againMs?: number };

const EVERY_MS = 250;
const AFTER_TROUBLE_MS = 2_000;
const LIMIT = 100;

const urgent = jobNames.filter((name) => laneOf(name) === 'notices');

/**
 * Hands due outbox rows to the queue until stopped; `stop` waits for the pass under way. Any number may run at once.
 * @param againMs how long a row may have been offered without being finished before it is offered again
 */
export function startRelay({ log, ...relay }: Relay): Repeated {
  const rhythm = {
    everyMs: EVERY_MS,
    afterTroubleMs: AFTER_TROUBLE_MS,
    trouble: reportTrouble(log, 'relay'),
  };
  return repeat(rhythm, (signal) => relayDue(relay, signal));
}

async function relayDue(relay: Omit<Relay, 'log'>, signal: AbortSignal): Promise<void> {
  const { db, queue, now, againMs = OFFER_AGAIN_MS } = relay;
  if (await queue.hasForgotten()) await offerAllAgain(db, now());
  for (;;) {
    const offers = await offerDue(db, now(), LIMIT, { againMs });
    await handOver(relay, offers);
    if (offers.length < LIMIT || signal.aborted) return;
    // Much is due: what a person is waiting for overtakes the batches of a large digest.
    await handOver(relay, await offerDue(db, now(), LIMIT, { againMs, only: urgent }));
  }
}

async function handOver(relay: Omit<Relay, 'log'>, offers: readonly Offer[]): Promise<void> {
  const handed = await Promise.allSettled(
    lanes.map((lane) =>
      ring(
        relay,
        lane,
        offers.filter((offer) => laneOf(offer.name) === lane),
      ),
    ),
  );
  const failed = handed.find((lane) => lane.status === 'rejected');
  if (failed !== undefined) throw failed.reason;
}

async function ring(
  { db, queue, now }: Omit<Relay, 'log'>,
  lane: Lane,
  offers: readonly Offer[],
): Promise<void> {
  if (offers.length === 0) return;
  try {
    await queue.add(lane, offers);
  } catch (error) {
    await takeBack(db, offers, new Date(now().getTime() + AFTER_TROUBLE_MS));
    throw error;
  }
}
