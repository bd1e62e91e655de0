import { setTimeout as sleep } from 'node:timers/promises';
import type { Db } from '../../src/platform/db/database.js';
import { sql } from '../../src/platform/db/sql.js';
import { waitUntilFinished } from '../faults/finish.js';
import { countStates } from '../support/ledger.js';

/** What is given to the log to decide: five minutes, and what a run of the job may be late by. */
const SETTLE_MS = 330_000;
const QUICK_SETTLE_MS = 90_000;

/**
 * Waits until every mail but the uncertain ones is finished, and then until those are settled, for five minutes at most.
 * @param isQuick the minutes of quiet before and after that a log needs are skipped: by the times in the rows, not in the log
 * @returns how many were uncertain at the beginning
 */
export async function settle(
  db: Db,
  publicationId: string,
  { isQuick, log }: { isQuick: boolean; log: (line: string) => void },
): Promise<number> {
  await waitUntilFinished(db, publicationId, { timeoutMs: 600_000 });
  const { uncertain: atFirst = 0 } = await countStates(db, publicationId);
  log(`reconcile: ${atFirst} uncertain mails are looked up`);
  if (isQuick) await skipQuietBefore(db, publicationId);
  for (
    const end = Date.now() + (isQuick ? QUICK_SETTLE_MS : SETTLE_MS);
    Date.now() < end;
    await sleep(2_000)
  ) {
    if (isQuick) await skipWaits(db, publicationId);
    await waitUntilFinished(db, publicationId);
    const { uncertain = 0 } = await countStates(db, publicationId);
    log(`reconcile: ${uncertain} are uncertain; ${await readDoubts(db, publicationId)}`);
    if (uncertain === 0) break;
  }
  return atFirst;
}

/** As if the digest had begun later after the log. */
async function skipQuietBefore(db: Db, publicationId: string): Promise<void> {
  await db.run(sql`
    update variants
       set rendered_at = rendered_at + interval '4 minutes'
     where digest_id in (select id from digests where publication_id = ${publicationId})
  `);
}

/** As if what is uncertain had been so for minutes. */
async function skipWaits(db: Db, publicationId: string): Promise<void> {
  const digests = sql`select id from digests where publication_id = ${publicationId}`;
  await db.run(sql`
    update deliveries
       set updated_at = now() - interval '5 minutes'
     where digest_id in (${digests})
       and state = 'uncertain'
       and updated_at > now() - interval '4 minutes'
  `);
  await db.run(sql`update schedules set next_at = now() where name = 'reconcile'`);
}

/** The reasons of those that are still uncertain, with how many each has. */
export async function readDoubts(db: Db, publicationId: string): Promise<string> {
  const rows = await db.many<{ doubt: string; count: number }>(sql`
    select coalesce(d.log_doubt, 'not looked up') as doubt, count(*) as count
      from deliveries d
      join digests g on g.id = d.digest_id
     where g.publication_id = ${publicationId}
       and d.state = 'uncertain'
     group by 1
     order by 2 desc
  `);
  return rows.map(({ doubt, count }) => `${count} ${doubt}`).join(', ');
}
