import { setTimeout as sleep } from 'node:timers/promises';
import type { Db } from '../../src/platform/db/database.js';
import { sql } from '../../src/platform/db/sql.js';
import { countStates } from '../support/ledger.js';

const FINISH_TIMEOUT_MS = 150_000;
const EXPEDITE_INTERVAL_MS = 2_500;

/**
 * Waits until every batch of a publication's digests is finished. What would wait for a minute or more is made due now;
 * uncertain mails only with `resend`.
 * @throws when that takes too long
 */
export async function waitUntilFinished(
  db: Db,
  publicationId: string,
  { resend = false, timeoutMs = FINISH_TIMEOUT_MS } = {},
): Promise<void> {
  let expeditedAt = 0;
  for (const end = Date.now() + timeoutMs; Date.now() < end; await sleep(100)) {
    if ((await countUnfinished(db, publicationId)) === 0) return;
    if (Date.now() - expeditedAt < EXPEDITE_INTERVAL_MS) continue;
    await expediteWaiting(db, publicationId, resend);
    expeditedAt = Date.now();
  }
  const counts = JSON.stringify(await countStates(db, publicationId));
  throw new Error(`The digest was not finished within ${timeoutMs / 1000} s: ${counts}`);
}

async function countUnfinished(db: Db, publicationId: string): Promise<number> {
  const { count } = await db.one<{ count: number }>(sql`
    select count(*) as count
      from batches b
      join digests g on g.id = b.digest_id
     where g.publication_id = ${publicationId}
       and (b.due_at is not null or b.leased_until is not null)
  `);
  return count;
}

/** Changes only the times in the rows: a deferred delivery waits for a minute or more, an uncertain one for ten. */
async function expediteWaiting(db: Db, publicationId: string, resend: boolean): Promise<void> {
  const digests = sql`select id from digests where publication_id = ${publicationId}`;
  await db.run(sql`
    update deliveries
       set next_attempt_at = now()
     where digest_id in (${digests})
       and state in ('queued', 'deferred')
       and next_attempt_at > now()
  `);
  if (resend) {
    await db.run(sql`
      update deliveries
         set updated_at = now() - interval '11 minutes'
       where digest_id in (${digests})
         and state = 'uncertain'
    `);
  }
  await db.run(sql`
    update batches b
       set due_at = now()
     where digest_id in (${digests})
       and due_at > now()
       and leased_until is null
       and exists (select from deliveries d
                    where d.digest_id = b.digest_id
                      and d.batch = b.number
                      and (d.state in ('queued', 'deferred') or (d.state = 'uncertain' and ${resend}::boolean)))
  `);
  // A job that a killed worker had taken would be published again after a minute.
  await db.run(sql`
    update outbox o
       set due_at = now()
      from batches b
     where o.name = 'send-batch'
       and o.publish_count > 0
       and o.due_at > now()
       and (o.payload ->> 'batch')::integer = b.number
       and b.due_at <= now()
       and b.leased_until is null
  `);
  await db.run(
    sql`update schedules set next_at = now() where name = 'sweep' and next_at > now() + interval '2 seconds'`,
  );
}
