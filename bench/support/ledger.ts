import { setTimeout as sleep } from 'node:timers/promises';
import type { Db } from '../../src/platform/db/database.js';
import { sql } from '../../src/platform/db/sql.js';
import type { Received } from './sink/sinks.js';

export type StateCounts = Record<string, number> & { planned: number };

/** When nothing was finished for so long, the run is given up. */
const STALL_TIMEOUT_MS = 90_000;
const POLL_INTERVAL_MS = 50;

/** Keeps planned batches from being sent before `makeBatchesDue`, so that planning is not part of what is timed. */
export async function postponeBatches(db: Db): Promise<void> {
  await db.run(sql`update outbox set due_at = '2999-01-01' where name = 'send-batch'`);
  await db.run(sql`delete from outbox where name <> 'send-batch'`); // these jobs have been run here
}

export async function makeBatchesDue(db: Db, publicationId: string): Promise<void> {
  await db.run(sql`
    update outbox
       set due_at = now()
     where name = 'send-batch'
       and payload ->> 'digestId' in (select id::text from digests where publication_id = ${publicationId})
  `);
}

/**
 * Waits until every batch of a publication's digests is finished in the ledger.
 * @returns false when nothing was finished for a long time, or `isOver` says that nothing will be
 */
export async function waitForBatches(
  db: Db,
  publicationId: string,
  isOver: () => boolean = () => false,
): Promise<boolean> {
  let last = Number.NaN;
  for (
    let progressAt = Date.now();
    Date.now() - progressAt < STALL_TIMEOUT_MS && !isOver();
    await sleep(POLL_INTERVAL_MS)
  ) {
    const left = await countUnfinished(db, publicationId);
    if (left === 0) return true;
    if (left !== last) progressAt = Date.now();
    last = left;
  }
  return false;
}

async function countUnfinished(db: Db, publicationId: string): Promise<number> {
  const { batches } = await db.one<{ batches: number }>(sql`
    select count(*) as batches
      from batches b
      join digests g on g.id = b.digest_id
     where g.publication_id = ${publicationId}
       and b.due_at is not null
  `);
  return batches;
}

/** The deliveries of a publication's digests by state. */
export async function countStates(db: Db, publicationId: string): Promise<StateCounts> {
  const rows = await db.many<{ state: string; count: number }>(sql`
    select d.state, count(*) as count
      from deliveries d
      join digests g on g.id = d.digest_id
     where g.publication_id = ${publicationId}
     group by d.state
  `);
  const counts: StateCounts = { planned: 0 };
  for (const { state, count } of rows) {
    counts[state] = count;
    counts.planned += count;
  }
  return counts;
}

/** How many variants a publication's digests have. */
export async function countVariants(db: Db, publicationId: string): Promise<number> {
  const row = await db.one<{ count: number }>(sql`
    select count(*) as count
      from variants v
      join digests g on g.id = v.digest_id
     where g.publication_id = ${publicationId}
  `);
  return row.count;
}

/** How the ledger and a sink's records differ, reader by reader. */
export type LedgerDifference = {
  /** Accepted in the ledger, never at the sink. */
  missed: number;
  /** More than once at the sink. */
  doubled: number;
  /** At the sink, not accepted in the ledger. */
  unknown: number;
};

export async function compareByRecipient(
  db: Db,
  publicationId: string,
  received: ReadonlyMap<string, Received>,
): Promise<LedgerDifference> {
  const ledger = await readLedger(db, publicationId);
  const accepted = new Set(ledger.filter(({ state }) => state === 'accepted').map(({ email }) => email));
  const records = [...received];
  return {
    missed: [...accepted].filter((email) => !received.has(email)).length,
    doubled: records.filter(([, { count }]) => count > 1).length,
    unknown: records.filter(([email]) => !accepted.has(email)).length,
  };
}

/** A reader's address, the state of her delivery, and how often it was sent again because it was uncertain. */
export type LedgerEntry = { email: string; state: string; resends: number };

/** The deliveries of a publication's digests. */
export function readLedger(db: Db, publicationId: string): Promise<LedgerEntry[]> {
  return db.many(sql`
    select p.email, d.state, d.resends
      from deliveries d
      join digests g on g.id = d.digest_id
      join subscriptions s on s.id = d.subscription_id
      join subscribers p on p.id = s.subscriber_id
     where g.publication_id = ${publicationId}
  `);
}
