import { arrayLiteral } from '../platform/db/array-literal.js';
import type { Db, Tx } from '../platform/db/database.js';
import { publicationFinder, type FindPublicationOf } from '../platform/db/publication-finder.js';
import { sql } from '../platform/db/sql.js';
import type { ConsentRecord } from '../subscribers/consent/reads.js';
import type {
  ExportedDelivery,
  ExportedEvent,
  ExportedNotice,
  ExportedSubscription,
  ExportedSuppression,
  PreparedExport,
} from './export.js';

type Of<Row> = Row & { subscriptionId: string };

/** How many mails a reader of a publication can have had. */
export async function countDigests(db: Db | Tx, publicationId: string): Promise<number> {
  const { count } = await db.one<{ count: number }>(sql`
    select count(*)::integer as count
      from digests
     where publication_id = ${publicationId}
  `);
  return count;
}

/** Readers by their subscriptions, in the order of these. */
export function listReaders(
  db: Db | Tx,
  ids: readonly string[],
): Promise<Omit<ExportedSubscription, 'type' | 'consents' | 'deliveries' | 'notices' | 'events'>[]> {
  return db.many(sql`
    select s.id, p.email, s.status, s.cadence, s.hour, s.weekday, s.day_of_month, s.timezone, s.topics, s.locale, s.format,
           s.without_pictures, s.at_most_daily, s.created_at, s.confirmed_at, s.unsubscribed_at, l.reason as leave_reason,
           s.paused_at, s.paused_until, s.catch_up
      from subscriptions s
      join subscribers p on p.id = s.subscriber_id
      left join leave_reasons l on l.subscription_id = s.id
     where s.id = any(${arrayLiteral(ids)}::uuid[])
     order by s.id
  `);
}

export function listConsentsOf(db: Db | Tx, ids: readonly string[]): Promise<Of<ConsentRecord>[]> {
  return db.many(sql`
    select c.subscription_id, c.kind, w.body as wording, c.wording_version, c.source, c.requested_at, c.created_at,
           c.taken_back_at, host(c.request_ip) as request_ip, c.request_agent, host(c.confirm_ip) as confirm_ip, c.confirm_agent
      from consents c
      left join consent_wordings w on w.version = c.wording_version
     where c.subscription_id = any(${arrayLiteral(ids)}::uuid[])
     order by c.created_at, c.id
  `);
}

/** Digest by digest, by key: deliveries have no index by reader. Oldest first. */
export function listDeliveriesOf(
  db: Db | Tx,
  publicationId: string,
  ids: readonly string[],
): Promise<Of<ExportedDelivery>[]> {
  return db.many(sql`
    select d.subscription_id, g.id as digest, g.cadence, g.period, coalesce(v.subject, g.subject) as subject, d.state, d.skip_reason,
           d.answer, d.updated_at as at
      from digests g
      join deliveries d on d.digest_id = g.id and d.subscription_id = any(${arrayLiteral(ids)}::uuid[])
      join variants v on v.id = d.variant_id
     where g.publication_id = ${publicationId}
     order by g.id
  `);
}

export function listNoticesOf(db: Db | Tx, ids: readonly string[]): Promise<Of<ExportedNotice>[]> {
  return db.many(sql`
    select subscription_id, kind, state, skip_reason, answer, updated_at as at
      from notices
     where subscription_id = any(${arrayLiteral(ids)}::uuid[])
     order by created_at, id
  `);
}

export function listEventsOf(db: Db | Tx, ids: readonly string[]): Promise<Of<ExportedEvent>[]> {
  return db.many(sql`
    select subscription_id, class, scope, source, status, code, reason, digest_id as digest, occurred_at, received_at
      from events
     where subscription_id = any(${arrayLiteral(ids)}::uuid[])
     order by id
  `);
}

/** What keeps a publication from mailing, by ids: its own, and what holds for all. */
export function listSuppressions(
  db: Db | Tx,
  publicationId: string,
  { after, limit }: { after: string | undefined; limit: number },
): Promise<(Omit<ExportedSuppression, 'type' | 'hash'> & { id: string; addressHash: Buffer })[]> {
  return db.many(sql`
    select s.id, s.address_hash, reader.email, s.domain, s.publication_id is null as everywhere, s.reason, s.source, s.created_at
      from suppressions s
      left join lateral (
        select w.email
          from subscribers w
          join subscriptions o on o.subscriber_id = w.id
         where w.address_hash = s.address_hash
           and o.publication_id = ${publicationId}
         limit 1
      ) reader on true
     where (s.publication_id = ${publicationId} or s.publication_id is null)
       ${after === undefined ? sql`` : sql`and s.id > ${after}`}
     order by s.id
     limit ${limit}
  `);
}

export function findExport(db: Db | Tx, id: string): Promise<PreparedExport | undefined> {
  return db.maybe<PreparedExport>(sql`
    select id, publication_id, format, filter, suppression_key, state, readers, created_at, finished_at
      from exports
     where id = ${id}
  `);
}

export const findExportPublication: FindPublicationOf = publicationFinder('exports');
