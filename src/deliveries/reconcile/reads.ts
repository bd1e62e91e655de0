import type { Db, Tx } from '../../platform/db/database.js';
import { sql } from '../../platform/db/sql.js';
import type { AttemptKey, BatchKey } from '../delivery.js';
import type { Notice } from '../notices/notice.js';

/** An uncertain delivery. `attemptedAfter`: its attempt cannot have begun before this. */
export type UncertainDelivery = AttemptKey & { batch: number; updatedAt: Date; attemptedAfter: Date };

/** Which of a digest's uncertain deliveries: those since and up to a moment, through one mail server or (undefined) any. */
export type UncertainQuery = {
  digestId: string;
  transportId: number | undefined;
  after: Date;
  upTo: Date;
  limit: number;
};

export type PageStart = { batch: number; subscriptionId: string };

/**
 * A page of a digest's uncertain deliveries, by batch. A row does not say when its attempt began, only when it became
 * uncertain, which for a dead worker's may be long after. It began after its variant was rendered, at the first send.
 */
export function listUncertainDeliveries(
  db: Db | Tx,
  wanted: UncertainQuery,
  from: PageStart,
): Promise<UncertainDelivery[]> {
  const { digestId, transportId, after, upTo, limit } = wanted;
  const ofTransport = transportId === undefined ? sql`` : sql`and d.transport_id = ${transportId}`;
  return db.many<UncertainDelivery>(sql`
    select d.subscription_id, d.attempt, d.batch, d.updated_at,
           greatest(g.created_at, v.rendered_at) as attempted_after
      from deliveries d
      join digests g on g.id = d.digest_id
      join variants v on v.id = d.variant_id
     where d.digest_id = ${digestId}
       and d.state = 'uncertain'
       and d.updated_at > ${after}
       and d.updated_at <= ${upTo}
       ${ofTransport}
       and (d.batch, d.subscription_id) > (${from.batch}, ${from.subscriptionId}::uuid)
     order by d.batch, d.subscription_id
     limit ${limit}
  `);
}

/** Digests that may have uncertain deliveries and expire, or have expired, after a moment. */
export function listReconcilableDigests(
  db: Db | Tx,
  expiresAfter: Date,
): Promise<{ id: string; publicationId: string }[]> {
  return db.many(sql`
    select id, publication_id
      from digests
     where state in ('sending', 'paused', 'closed', 'cancelled')
       and expires_at > ${expiresAfter}
     order by id
  `);
}

/** Mails of a digest that a server is known to have taken, and when it said so: those nearest to a moment. */
export function listKnownAccepted(
  db: Db | Tx,
  { digestId, transportId }: Pick<UncertainQuery, 'digestId' | 'transportId'>,
  around: Date,
  limit: number,
): Promise<{ subject: string; acceptedAt: Date }[]> {
  const ofTransport = transportId === undefined ? sql`` : sql`and transport_id = ${transportId}`;
  return db.many(sql`
    select subscription_id as subject, updated_at as accepted_at
      from deliveries
     where digest_id = ${digestId}
       and state = 'accepted'
       and provider_message_id is not null
       ${ofTransport}
     order by abs(extract(epoch from updated_at - ${around}::timestamptz))
     limit ${limit}
  `);
}

/** The batch's row stays locked until the transaction ends. Undefined: a worker has it leased. */
export function lockIdleBatch(tx: Tx, batch: BatchKey): Promise<{ number: number } | undefined> {
  return tx.maybe(sql`
    select number
      from batches
     where digest_id = ${batch.digestId}
       and number = ${batch.number}
       and leased_until is null
       for update
  `);
}

export type UncertainNotice = Pick<Notice, 'id' | 'attempt' | 'publicationId' | 'expiresAt' | 'createdAt'> & {
  updatedAt: Date;
};

export function listUncertainNotices(
  db: Db | Tx,
  { after, upTo, limit }: Pick<UncertainQuery, 'after' | 'upTo' | 'limit'>,
  from: string,
): Promise<UncertainNotice[]> {
  return db.many<UncertainNotice>(sql`
    select id, attempt, publication_id, expires_at, created_at, updated_at
      from notices
     where state = 'uncertain'
       and updated_at > ${after}
       and updated_at <= ${upTo}
       and id > ${from}
     order by id
     limit ${limit}
  `);
}

/** Notices that a server is known to have taken: those nearest to a moment. */
export function listKnownAcceptedNotices(
  db: Db | Tx,
  around: Date,
  limit: number,
): Promise<{ subject: string; publicationId: string; acceptedAt: Date }[]> {
  return db.many(sql`
    select id as subject, publication_id, updated_at as accepted_at
      from notices
     where state = 'accepted'
       and provider_message_id is not null
     order by abs(extract(epoch from updated_at - ${around}::timestamptz))
     limit ${limit}
  `);
}
