import type { NoticeKind } from '../deliveries/notices/notice.js';
import type { DeliveryRow } from '../deliveries/reads.js';
import type { DigestCadence } from '../digests/digest.js';
import type { Db, Tx } from '../platform/db/database.js';
import { sql } from '../platform/db/sql.js';

/** One mail to one reader, in a list of them; ids sort by time. */
type MailRow = Omit<DeliveryRow, 'updatedAt'> & { at: Date };

export type ReaderDigestRow = MailRow & {
  subject: string | null;
  cadence: DigestCadence;
  period: string;
  addressHash: Buffer | null;
};

export type ReaderNoticeRow = MailRow & { kind: NoticeKind };

/** Of which mails: all, or those that a mail server refused or put off. */
type MailPage = { before: string | undefined; limit: number; onlyBounces: boolean };

/** The digest with this number, counted back from a place; undefined: there are no more than that. */
export async function findDigestBack(
  db: Db | Tx,
  where: { publicationId: string; since: string; before: string | undefined; number: number },
): Promise<string | undefined> {
  const older = where.before === undefined ? sql`` : sql`and id < ${where.before}`;
  // A second row says that there are more.
  const [last, next] = await db.many<{ id: string }>(sql`
    select id
      from digests
     where publication_id = ${where.publicationId}
       and id >= ${where.since}
       ${older}
     order by id desc
    offset ${where.number - 1}
     limit 2
  `);
  return next && last?.id;
}

/**
 * The digests that were planned for a reader, the newest first. They are looked up by key in the digests of her publication, one by
 * one, so that `deliveries` needs no index by reader.
 * @param where.since older ones are not looked at
 */
export function listReaderDigests(
  db: Db | Tx,
  where: MailPage & { publicationId: string; subscriptionId: string; since: string },
): Promise<ReaderDigestRow[]> {
  const older = where.before === undefined ? sql`` : sql`and id < ${where.before}`;
  const bounced = where.onlyBounces ? sql`and (state in ('rejected', 'deferred') or deferrals > 0)` : sql``;
  return db.many<ReaderDigestRow>(sql`
    select g.id, g.cadence, g.period, coalesce(v.subject, g.subject) as subject, d.state, d.attempt, d.skip_reason,
           d.answer, d.next_attempt_at, d.updated_at as at, d.address_hash
      from (select id, cadence, period, subject
              from digests
             where publication_id = ${where.publicationId}
               and id >= ${where.since}
               ${older}
             order by id desc
            offset 0) as g
     cross join lateral (
       select variant_id, state, attempt, skip_reason, answer, next_attempt_at, updated_at, address_hash
         from deliveries
        where digest_id = g.id
          and subscription_id = ${where.subscriptionId}
          ${bounced}
        limit 1
     ) as d
      left join variants v on v.id = d.variant_id
     order by g.id desc
     limit ${where.limit}
  `);
}

/** Every other mail to a reader, the newest first. */
export function listReaderNotices(
  db: Db | Tx,
  where: MailPage & { subscriptionId: string },
): Promise<ReaderNoticeRow[]> {
  const older = where.before === undefined ? sql`` : sql`and id < ${where.before}`;
  const bounced = where.onlyBounces ? sql`and state in ('rejected', 'deferred')` : sql``;
  return db.many<ReaderNoticeRow>(sql`
    select id, kind, state, attempt, skip_reason, answer, due_at as next_attempt_at, updated_at as at
      from notices
     where subscription_id = ${where.subscriptionId}
       ${older}
       ${bounced}
     order by id desc
     limit ${where.limit}
  `);
}

/** What became of one digest for one reader; undefined: it was not planned for her. */
export function findReaderDelivery(
  db: Db | Tx,
  digestId: string,
  subscriptionId: string,
): Promise<(Omit<MailRow, 'id'> & { addressHash: Buffer | null }) | undefined> {
  return db.maybe(sql`
    select state, attempt, skip_reason, answer, next_attempt_at, updated_at as at, address_hash
      from deliveries
     where digest_id = ${digestId}
       and subscription_id = ${subscriptionId}
  `);
}
