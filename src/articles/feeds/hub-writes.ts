import type { Tx } from '../../platform/db/database.js';
import { sql } from '../../platform/db/sql.js';
import type { Hub, HubRenewalCutoffs } from './hub.js';

/** What a feed says of its hub now. Another hub, or another topic, has to be asked anew. */
export function recordHub(tx: Tx, feedId: string, hub: Hub | undefined): Promise<number> {
  return tx.run(sql`
    update feeds
       set hub_url = ${hub?.url ?? null},
           hub_topic = ${hub?.topic ?? null},
           hub_requested_at = null,
           hub_lease_until = null
     where id = ${feedId}
       and (hub_url, hub_topic) is distinct from (${hub?.url ?? null}::text, ${hub?.topic ?? null}::text)
  `);
}

/** Marks the hub as asked now. Undefined: it need not be asked, or another worker has just asked it. */
export function claimHubSubscription(
  tx: Tx,
  feedId: string,
  keyId: string,
  { leaseEndsBefore, requestedBefore }: HubRenewalCutoffs,
  now: Date,
): Promise<(Hub & { publicationId: string }) | undefined> {
  return tx.maybe(sql`
    update feeds
       set hub_requested_at = ${now},
           hub_key_id = ${keyId}
     where id = ${feedId}
       and removed_at is null
       and hub_url is not null
       and (hub_lease_until is null or hub_lease_until < ${leaseEndsBefore})
       and (hub_requested_at is null or hub_requested_at < ${requestedBefore})
    returning publication_id, hub_url as url, hub_topic as topic
  `);
}

/** The hub notifies us until then; null: it refuses. 0 when we have not asked it about this topic. */
export function recordHubVerification(
  tx: Tx,
  feedId: string,
  answer: { topic: string; until: Date | null },
  askedSince: Date,
): Promise<number> {
  return tx.run(sql`
    update feeds
       set hub_lease_until = ${answer.until}
     where id = ${feedId}
       and removed_at is null
       and hub_topic = ${answer.topic}
       and hub_requested_at >= ${askedSince}
  `);
}

/** The next poll is unconditional: a hub has said that there is something new, which a cache may not know yet. */
export function clearValidators(tx: Tx, feedId: string): Promise<number> {
  return tx.run(sql`
    update feeds
       set etag = null,
           last_modified = null
     where id = ${feedId}
  `);
}
