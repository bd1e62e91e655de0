import { arrayLiteral } from '../../platform/db/array-literal.js';
import type { Tx } from '../../platform/db/database.js';
import { sql } from '../../platform/db/sql.js';
import type { NoticeKind } from '../../deliveries/notices/notice.js';

/** A mail of ours that an event may be about. */
export type SentMail = {
  publicationId: string;
  /** Null: it was for an operator. */
  subscriptionId: string | null;
  /** Of the address that it was sent to; null where that was deleted. */
  addressHash: Buffer | null;
  /** The reader was erased since. */
  isErased: boolean;
  /** Of the server that took it; null where that is not kept. */
  transportId: number | null;
  /** When its last attempt ended. */
  sentAt: Date;
};
export type SentDelivery = SentMail & {
  subscriptionId: string;
  digestId: string;
  transportId: number | null;
};
export type SentNotice = SentMail & { noticeId: string; kind: NoticeKind };

/** Found by the numbers in return paths. */
export function listDeliveriesByNumber(
  tx: Tx,
  numbers: readonly { batch: number; subscription: number }[],
): Promise<(SentDelivery & { batch: number; subscription: number })[]> {
  return tx.many(sql`
    select asked.batch, asked.subscription, s.publication_id, d.digest_id, d.subscription_id, d.address_hash, d.transport_id,
           s.erased_at is not null as is_erased, d.updated_at as sent_at
      from unnest(${arrayLiteral(numbers.map(({ batch }) => batch))}::bigint[],
                  ${arrayLiteral(numbers.map(({ subscription }) => subscription))}::bigint[]) as asked (batch, subscription)
      join batches b on b.number = asked.batch
      join subscriptions s on s.number = asked.subscription
      join deliveries d on d.digest_id = b.digest_id and d.subscription_id = s.id
  `);
}

/** Found by the ids in Message-IDs. */
export function listDeliveriesByIds(
  tx: Tx,
  ids: readonly { digestId: string; subscriptionId: string }[],
): Promise<SentDelivery[]> {
  return tx.many(sql`
    select s.publication_id, d.digest_id, d.subscription_id, d.address_hash, d.transport_id,
           s.erased_at is not null as is_erased, d.updated_at as sent_at
      from unnest(${arrayLiteral(ids.map(({ digestId }) => digestId))}::uuid[],
                  ${arrayLiteral(ids.map(({ subscriptionId }) => subscriptionId))}::uuid[]) as asked (digest_id, subscription_id)
      join deliveries d using (digest_id, subscription_id)
      join subscriptions s on s.id = d.subscription_id
  `);
}

export function listNoticesByIds(tx: Tx, ids: readonly string[]): Promise<SentNotice[]> {
  return tx.many(sql`
    select n.id as notice_id, n.kind, n.publication_id, n.subscription_id, n.address_hash, null as transport_id,
           s.erased_at is not null as is_erased, n.updated_at as sent_at
      from notices n
      left join subscriptions s on s.id = n.subscription_id
     where n.id = any(${arrayLiteral(ids)}::uuid[])
  `);
}

/**
 * Found by what a provider called the mail, among those that its reader was sent since a time: so no index of provider's ids is
 * kept, which each mail of every server would have to be written to.
 * @param sinceId the lowest id of a digest of that time
 */
export function listDeliveriesByProviderId(
  tx: Tx,
  asked: readonly { providerMessageId: string; emailKey: string }[],
  sinceId: string,
): Promise<(SentDelivery & { providerMessageId: string })[]> {
  if (asked.length === 0) return Promise.resolve([]);
  return tx.many(sql`
    select d.provider_message_id, s.publication_id, d.digest_id, d.subscription_id, d.address_hash, d.transport_id,
           s.erased_at is not null as is_erased, d.updated_at as sent_at
      from unnest(${arrayLiteral(asked.map(({ providerMessageId }) => providerMessageId))}::text[],
                  ${arrayLiteral(asked.map(({ emailKey }) => emailKey))}::text[]) as asked (provider_message_id, email_key)
      join subscribers u on u.email_key = asked.email_key
     cross join publications p
      join subscriptions s on s.publication_id = p.id and s.subscriber_id = u.id
      join digests g on g.publication_id = p.id and g.id >= ${sinceId}
      join deliveries d on d.digest_id = g.id and d.subscription_id = s.id
     where d.provider_message_id = asked.provider_message_id
  `);
}

export function listNoticesByProviderId(
  tx: Tx,
  asked: readonly { providerMessageId: string; emailKey: string }[],
  since: Date,
): Promise<(SentNotice & { providerMessageId: string })[]> {
  if (asked.length === 0) return Promise.resolve([]);
  return tx.many(sql`
    select n.provider_message_id, n.id as notice_id, n.kind, n.publication_id, n.subscription_id, n.address_hash,
           null as transport_id, s.erased_at is not null as is_erased, n.updated_at as sent_at
      from unnest(${arrayLiteral(asked.map(({ providerMessageId }) => providerMessageId))}::text[],
                  ${arrayLiteral(asked.map(({ emailKey }) => emailKey))}::text[]) as asked (provider_message_id, email_key)
      join subscribers u on u.email_key = asked.email_key
     cross join publications p
      join subscriptions s on s.publication_id = p.id and s.subscriber_id = u.id
      join notices n on n.subscription_id = s.id and n.created_at >= ${since}
     where n.provider_message_id = asked.provider_message_id
  `);
}

/** A delivery whose fate is unknown, as its next state needs it. */
export type UncertainRow = {
  digestId: string;
  batch: number;
  subscriptionId: string;
  attempt: number;
  updatedAt: Date;
};

/** Those of these deliveries whose fate is unknown. */
export function listUncertainOf(
  tx: Tx,
  ids: readonly { digestId: string; subscriptionId: string }[],
): Promise<UncertainRow[]> {
  return tx.many(sql`
    select digest_id, batch, subscription_id, attempt, updated_at
      from unnest(${arrayLiteral(ids.map(({ digestId }) => digestId))}::uuid[],
                  ${arrayLiteral(ids.map(({ subscriptionId }) => subscriptionId))}::uuid[]) as asked (digest_id, subscription_id)
      join deliveries using (digest_id, subscription_id)
     where state = 'uncertain'
  `);
}

/** What stands behind the @ of readers' addresses, by their subscriptions; of erased ones nothing that exists. */
export async function readRecipientDomains(
  tx: Tx,
  subscriptionIds: readonly string[],
): Promise<Map<string, string>> {
  const rows = await tx.many<{ id: string; domain: string }>(sql`
    select s.id, split_part(p.email_key, '@', 2) as domain
      from subscriptions s
      join subscribers p on p.id = s.subscriber_id
     where s.id = any(${arrayLiteral([...subscriptionIds])}::uuid[])
  `);
  return new Map(rows.map(({ id, domain }) => [id, domain]));
}
