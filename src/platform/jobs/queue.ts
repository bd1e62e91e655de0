import type { Log } from '../log.js';
import { atMost, ringOptions, type JobQueue } from './backend.js';
import type { Offer } from './outbox.js';
import { postgresBackend } from './postgres-backend.js';
import { redisBackend } from './redis-backend.js';
import { reportTrouble } from './trouble.js';

const PATIENCE_MS = 2_000;

/**
 * BullMQ on Redis when there is a `redisUrl`, else on Postgres (schema `bullmq`, migrated here).
 * A Redis that is down does not stop anything: it is logged once and used when it is back.
 * @throws when Postgres is to be used and cannot be reached
 */
export async function connectQueue(options: {
  redisUrl?: string | undefined;
  databaseUrl: string;
  log: Log;
}): Promise<JobQueue> {
  const trouble = reportTrouble(options.log, 'queue');
  const { queues, ...backend } =
    options.redisUrl === undefined
      ? await postgresBackend(options.databaseUrl, trouble)
      : await redisBackend(options.redisUrl, trouble);
  return {
    ...backend,
    add: async (lane, offers) => {
      await queues[lane].addBulk(offers.map(toRing));
      trouble.end();
    },
    ping: () => answers(queues.notices),
  };
}

function toRing({ outboxId, offer, name }: Offer) {
  return { name, data: { outboxId }, opts: { ...ringOptions, jobId: `o-${outboxId}-${offer}` } };
}

async function answers(queue: { count(): Promise<number> }): Promise<boolean> {
  let answered = false;
  const asked = queue.count().then(
    () => (answered = true),
    () => false,
  );
  await atMost(PATIENCE_MS, asked);
  return answered;
}
