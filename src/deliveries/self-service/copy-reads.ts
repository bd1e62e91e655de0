import type { Db, Tx } from '../../platform/db/database.js';
import { sql } from '../../platform/db/sql.js';
import type { DeliveryState } from '../delivery.js';
import type { NoticeKind } from '../notices/reads.js';

/** A mail to one reader, and what became of it. */
export type ReaderMail = { about: string | null; state: DeliveryState; answer: string | null; at: Date };

/** Every digest planned for a reader, newest first: found digest by digest, by key. */
export function listReaderDeliveries(
  db: Db | Tx,
  publicationId: string,
  subscriptionId: string,
): Promise<(ReaderMail & { period: string })[]> {
  return db.many(sql`
    select v.subject as about, d.state, d.answer, d.updated_at as at, g.period
      from digests g
      join deliveries d on d.digest_id = g.id and d.subscription_id = ${subscriptionId}
      join variants v on v.id = d.variant_id
     where g.publication_id = ${publicationId}
     order by g.id desc
  `);
}

/** Every other mail to a reader, newest first. */
export function listReaderNotices(
  db: Db | Tx,
  subscriptionId: string,
): Promise<(ReaderMail & { about: NoticeKind })[]> {
  return db.many(sql`
    select kind as about, state, answer, updated_at as at
      from notices
     where subscription_id = ${subscriptionId}
     order by created_at desc
  `);
}
