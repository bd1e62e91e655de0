import type { DigestCadence } from '../digests/digest.js';
import { arrayLiteral } from '../platform/db/array-literal.js';
import type { Db, Tx } from '../platform/db/database.js';
import { sql } from '../platform/db/sql.js';
import type { EventClass, EventScope, EventSource } from './event.js';
import type { EventMatch } from './names.js';

/** What was heard of one mail; ids sort by the time at which it came in. */
export type ListedEvent = {
  id: string;
  source: EventSource;
  class: EventClass;
  scope: EventScope;
  status: string | null;
  code: number | null;
  /** Without addresses. */
  reason: string | null;
  occurredAt: Date;
  receivedAt: Date;
  match: EventMatch;
  publicationId: string;
  digestId: string | null;
  subscriptionId: string | null;
  noticeId: string | null;
};

export type EventFilter = {
  /** What proves nothing belongs to none. */
  publicationIds: readonly string[];
  digestId?: string | undefined;
  subscriptionId?: string | undefined;
  class?: EventClass | undefined;
};

/** A page of events, the newest first. */
export function listEvents(
  db: Db | Tx,
  { publicationIds, digestId, subscriptionId, class: kind }: EventFilter,
  { before, limit }: { before: string | undefined; limit: number },
): Promise<ListedEvent[]> {
  return db.many(sql`
    select id, source, class, scope, status, code, reason, occurred_at, received_at, match, publication_id, digest_id,
           subscription_id, notice_id
      from events
     where publication_id = any(${arrayLiteral(publicationIds)}::uuid[])
       ${digestId === undefined ? sql`` : sql`and digest_id = ${digestId}`}
       ${subscriptionId === undefined ? sql`` : sql`and subscription_id = ${subscriptionId}`}
       ${kind === undefined ? sql`` : sql`and class = ${kind}`}
       ${before === undefined ? sql`` : sql`and id < ${before}`}
     order by id desc
     limit ${limit}
  `);
}

/** Readers whose mail of a digest was accepted, and then bounced or was called spam. */
export type DigestEventCounts = { bounced: number; complained: number };

export async function countEventsOfDigest(db: Db | Tx, digestId: string): Promise<DigestEventCounts> {
  return db.one<DigestEventCounts>(sql`
    select count(distinct subscription_id) filter (where class in ('hard', 'soft', 'sender-fault'))::integer as bounced,
           count(distinct subscription_id) filter (where class = 'complaint')::integer as complained
      from events
     where digest_id = ${digestId}
       and match = 'delivery'
  `);
}

/** What a reader is told of a digest of hers: the last word that changes what she knows. */
export type DeliveryEvent = Pick<ListedEvent, 'class' | 'status' | 'code'> & { digestId: string };

/** Of a reader's digests those that bounced or that she complained of; of several events of one the last. */
export function listLastEventsOfReader(
  db: Db | Tx,
  subscriptionId: string,
  digestIds: readonly string[],
): Promise<DeliveryEvent[]> {
  return db.many(sql`
    select distinct on (digest_id) digest_id, class, status, code
      from events
     where digest_id = any(${arrayLiteral(digestIds)}::uuid[])
       and subscription_id = ${subscriptionId}
       and match = 'delivery'
       and class in ('hard', 'soft', 'sender-fault', 'complaint')
     order by digest_id, occurred_at desc, id desc
  `);
}

/** All that came back of mails to a reader, as she is handed it in the copy of her data, newest first. */
export function listEventsForCopy(db: Db | Tx, subscriptionId: string): Promise<object[]> {
  return db.many(sql`
    select class, scope, status, code, reason, source, occurred_at, received_at
      from events
     where subscription_id = ${subscriptionId}
     order by id desc
  `);
}

/** A reader's events that count, the newest first. */
export function listEventsOfReader(
  db: Db | Tx,
  subscriptionId: string,
  { before, limit, onlyBounces }: { before: string | undefined; limit: number; onlyBounces: boolean },
): Promise<(ListedEvent & { subject: string | null; cadence: DigestCadence; period: string })[]> {
  return db.many(sql`
    select e.id, e.source, e.class, e.scope, e.status, e.code, e.reason, e.occurred_at, e.received_at, e.match, e.publication_id,
           e.digest_id, e.subscription_id, e.notice_id, coalesce(v.subject, g.subject) as subject,
           g.cadence, g.period
      from events e
      left join digests g on g.id = e.digest_id
      left join deliveries d on d.digest_id = e.digest_id and d.subscription_id = e.subscription_id
      left join variants v on v.id = d.variant_id
     where e.subscription_id = ${subscriptionId}
       and e.match in ('delivery', 'notice')
       ${onlyBounces ? sql`and e.class in ('hard', 'soft', 'sender-fault', 'delayed', 'complaint')` : sql``}
       ${before === undefined ? sql`` : sql`and e.id < ${before}`}
     order by e.id desc
     limit ${limit}
  `);
}
