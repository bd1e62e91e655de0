import { arrayLiteral, dateArrayLiteral } from '../../platform/db/array-literal.js';
import type { Tx } from '../../platform/db/database.js';
import { sql } from '../../platform/db/sql.js';

/**
 * Notes the next readers of a digest as mailed in the month of their mail, or as bounced. Most have been mailed in that month
 * before, and nothing is written for them.
 * @returns the last subscription that was looked at; undefined: there was none left
 */
export function noteNextReaders(
  tx: Tx,
  digest: { id: string; publicationId: string },
  { after, limit }: { after: string; limit: number },
): Promise<{ subscriptionId: string } | undefined> {
  return tx.maybe(sql`
    with chunk as materialized (
      select subscription_id, state, updated_at
        from deliveries
       where digest_id = ${digest.id}
         and subscription_id > ${after}
       order by subscription_id
       limit ${limit}
    ), changing as materialized (
      select l.subscription_id, c.state, c.updated_at
        from chunk c
        join listed_readers l
          on l.publication_id = ${digest.publicationId}
         and l.subscription_id = c.subscription_id
       where (c.state = 'accepted' and coalesce(l.mailed_month, 0) < month_number(c.updated_at))
          or (c.state = 'rejected' and c.updated_at >= l.joined_at and (l.bounced_at is null or l.bounced_at < c.updated_at))
       order by l.subscription_id
         for no key update of l
    ), mailed as (
      update listed_readers l
         set mailed_month = case when c.state = 'accepted' then month_number(c.updated_at) else l.mailed_month end,
             bounced_at = case when c.state = 'rejected' then c.updated_at else l.bounced_at end
        from changing c
       where l.publication_id = ${digest.publicationId}
         and l.subscription_id = c.subscription_id
    )
    select subscription_id
      from chunk
     order by subscription_id desc
     limit 1
  `);
}

/** Not where it goes on meanwhile. */
export function markNoted(tx: Tx, digestId: string, now: Date): Promise<number> {
  return tx.run(sql`
    update digests
       set mailed_noted_at = ${now}
     where id = ${digestId}
       and state in ('closed', 'cancelled')
  `);
}

/** Readers of a digest of whom it is new that it bounced for good, or that they called it spam, after it had been accepted. */
export type DigestReturns = { digestId: string; bounced: number; complained: number };

/** A reader whose mail did not arrive, though it had been accepted. */
export type BouncedReader = { publicationId: string; subscriptionId: string; at: Date };

export function addToDigestReturns(tx: Tx, returns: readonly DigestReturns[], now: Date): Promise<number> {
  return tx.run(sql`
    insert into digest_returns as r (digest_id, bounced, complained, changed_at)
    select digest_id, bounced, complained, ${now}::timestamptz
      from unnest(${arrayLiteral(returns.map(({ digestId }) => digestId))}::uuid[],
                  ${arrayLiteral(returns.map(({ bounced }) => bounced))}::integer[],
                  ${arrayLiteral(returns.map(({ complained }) => complained))}::integer[]) as new (digest_id, bounced, complained)
     order by digest_id
        on conflict (digest_id) do update
       set bounced = r.bounced + excluded.bounced,
           complained = r.complained + excluded.complained,
           changed_at = excluded.changed_at
  `);
}

/** Since she confirmed, and the last bounce of each. */
export function noteBouncedReaders(tx: Tx, bounced: readonly BouncedReader[]): Promise<number> {
  return tx.run(sql`
    with came as (
      select publication_id, subscription_id, max(at) as at
        from unnest(${arrayLiteral(bounced.map(({ publicationId }) => publicationId))}::uuid[],
                    ${arrayLiteral(bounced.map(({ subscriptionId }) => subscriptionId))}::uuid[],
                    ${dateArrayLiteral(bounced.map(({ at }) => at))}::timestamptz[]) as came (publication_id, subscription_id, at)
       group by publication_id, subscription_id
    ), changing as materialized (
      select l.publication_id, l.subscription_id, came.at
        from came
        join listed_readers l using (publication_id, subscription_id)
       where came.at >= l.joined_at
         and (l.bounced_at is null or l.bounced_at < came.at)
       order by l.subscription_id
         for no key update of l
    )
    update listed_readers l
       set bounced_at = c.at
      from changing c
     where l.publication_id = c.publication_id
       and l.subscription_id = c.subscription_id
  `);
}
