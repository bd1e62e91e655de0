import type { Db, Tx } from '../../platform/db/database.js';
import { sql } from '../../platform/db/sql.js';
import type { DeliveryState } from '../delivery.js';
import type { NoticeKind } from '../notices/notice.js';
import type { SkipReason } from '../skip-reason.js';

/** A mail to one reader, and what became of it. */
export type ReaderMail = {
  about: string | null;
  state: DeliveryState;
  skipReason: SkipReason | null;
  answer: string | null;
  at: Date;
};

/** Every digest planned for a reader, newest first: found digest by digest, by key. */
export function listReaderDeliveries(
  db: Db | Tx,
  publicationId: string,
  subscriptionId: string,
): Promise<(ReaderMail & { period: string })[]> {
  return db.many(sql`
    select v.subject as about, d.state, d.skip_reason, d.answer, d.updated_at as at, g.period
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
    select kind as about, state, skip_reason, answer, updated_at as at
      from notices
     where subscription_id = ${subscriptionId}
     order by created_at desc
  `);
}

/** One digest that was for a reader. `subject` is its first article's title until its variant is rendered. */
export type LoggedDelivery = {
  id: string;
  subject: string | null;
  state: DeliveryState;
  skipReason: SkipReason | null;
  answer: string | null;
  updatedAt: Date;
};

/**
 * A reader's latest deliveries, newest first: looked up by key in the newest digests of the publication, one by one, so that
 * `deliveries` needs no index by reader.
 */
export function listRecentDeliveries(
  db: Db,
  reader: { id: string; publicationId: string },
  { digests, limit }: { digests: number; limit: number },
): Promise<LoggedDelivery[]> {
  return db.many<LoggedDelivery>(sql`
    select g.id, coalesce(v.subject, g.subject, a.title) as subject, d.state, d.skip_reason, d.answer, d.updated_at
      from (select id, subject
              from digests
             where publication_id = ${reader.publicationId}
             order by id desc
             limit ${digests}) as g
     cross join lateral (
       select variant_id, state, skip_reason, answer, updated_at
         from deliveries
        where digest_id = g.id
          and subscription_id = ${reader.id}
        limit 1
     ) as d
      join variants v on v.id = d.variant_id
      left join articles a on a.id = v.article_ids[1]
     order by g.id desc
     limit ${limit}
  `);
}
