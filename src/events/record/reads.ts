import { arrayLiteral, byteaArrayLiteral } from '../../platform/db/array-literal.js';
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

/** Digests of a reader's newsletters that are searched for a provider's id, the newest first. */
const MAX_DIGESTS_SEARCHED = 400;

/**
 * Found by the provider's own id of the mail, and by the address that it was for, or that its reader had before: `deliveries` needs no
 * index by that id, which would make each mail that is sent dearer.
 */
export function listMailsByProviderId(
  tx: Tx,
  asked: readonly { emailKey: string; providerMessageId: string }[],
): Promise<
  (SentMail & { place: number; digestId: string | null; noticeId: string | null; kind: NoticeKind | null })[]
> {
  return tx.many(sql`
    with asked as (
      select place::integer, email_key, btrim(provider_id, '<>') as provider_id
        from unnest(${arrayLiteral(asked.map(({ emailKey }) => emailKey))}::text[],
                    ${arrayLiteral(asked.map(({ providerMessageId }) => providerMessageId))}::text[])
             with ordinality as given (email_key, provider_id, place)
    ), readers as (
      select asked.place, asked.provider_id, s.id, s.publication_id, s.erased_at is not null as is_erased
        from asked
        join subscribers p using (email_key)
        join subscriptions s on s.subscriber_id = p.id
       union
      select asked.place, asked.provider_id, s.id, s.publication_id, s.erased_at is not null
        from asked
        join address_changes c on lower(c.old_email) = asked.email_key
        join subscriptions s on s.id = c.subscription_id
    )
    select r.place, r.publication_id, d.digest_id, null::uuid as notice_id, null as kind, r.id as subscription_id, r.is_erased,
           d.address_hash, d.transport_id, d.updated_at as sent_at
      from readers r
     cross join lateral (
       select id from digests where publication_id = r.publication_id order by id desc limit ${MAX_DIGESTS_SEARCHED}
     ) as g
      join deliveries d on d.digest_id = g.id and d.subscription_id = r.id
     where btrim(d.provider_message_id, '<>') = r.provider_id
     union all
    select r.place, r.publication_id, null, n.id, n.kind, r.id, r.is_erased, n.address_hash, null, n.updated_at
      from readers r
      join notices n on n.subscription_id = r.id
     where btrim(n.provider_message_id, '<>') = r.provider_id
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

/**
 * Of each digest, how many readers it bounced for good of, and how many called it spam, by these events and by none before.
 * @param keys those of events that are stored already
 */
export function countNewReturns(
  tx: Tx,
  keys: readonly Buffer[],
): Promise<{ digestId: string; bounced: number; complained: number }[]> {
  const those = sql`${byteaArrayLiteral([...keys])}::bytea[]`;
  return tx.many(sql`
    select digest_id,
           count(*) filter (where class = 'hard')::integer as bounced,
           count(*) filter (where class = 'complaint')::integer as complained
      from (select distinct digest_id, subscription_id, class from events where key = any(${those})) as new
     where not exists (
       select from events e
        where e.digest_id = new.digest_id
          and e.subscription_id = new.subscription_id
          and e.class = new.class
          and e.match = 'delivery'
          and e.scope <> 'us'
          and e.key <> all(${those})
     )
     group by digest_id
  `);
}

/** How many readers there are at a domain, who have confirmed; counted up to a limit. */
export async function countReadersAt(tx: Tx, domain: string, atMost: number): Promise<number> {
  const { count } = await tx.one<{ count: number }>(sql`
    select count(*)::integer as count
      from (select
              from subscribers p
             where email_domain(p.email_key) = ${domain}
               and exists (select from subscriptions s where s.subscriber_id = p.id and s.status in ('confirmed', 'paused'))
             limit ${atMost}) as readers
  `);
  return count;
}
