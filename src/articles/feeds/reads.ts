import type { Db, Tx } from '../../platform/db/database.js';
import { publicationFinder } from '../../platform/db/publication-finder.js';
import { raw, sql } from '../../platform/db/sql.js';
import type { FailingFeed, Feed } from './feed.js';
import type { HubRenewalCutoffs } from './hub.js';

const feedColumns = raw(`
  id, publication_id, url, title, etag, last_modified, next_poll_at, last_polled_at, first_poll_done, include_newest,
  failing_since, failure, poll_minutes, last_new_at, gone_at,
  hub_url, hub_topic, hub_requested_at, hub_key_id, hub_lease_until, created_at
`);

export function findFeed(db: Db | Tx, id: string): Promise<Feed | undefined> {
  return db.maybe<Feed>(sql`
    select ${feedColumns}
      from feeds
     where id = ${id}
       and removed_at is null
  `);
}

/** The publication of a feed that is followed. */
export const findFeedPublication = publicationFinder('feeds', sql`removed_at is null`);

export function listFeeds(db: Db | Tx, publicationId: string): Promise<Feed[]> {
  return db.many<Feed>(sql`
    select ${feedColumns}
      from feeds
     where publication_id = ${publicationId}
       and removed_at is null
     order by created_at, id
  `);
}

/** Feeds that began to fail between these moments, the longest first; none of archived publications. */
export function listFailingFeeds(db: Db | Tx, since: { from: Date; to: Date }): Promise<FailingFeed[]> {
  return db.many<FailingFeed>(sql`
    select f.id, f.publication_id, f.url, f.failure, f.first_poll_done, f.include_newest, f.gone_at, f.failing_since
      from feeds f
      join publications p on p.id = f.publication_id
     where f.failing_since >= ${since.from}
       and f.failing_since <= ${since.to}
       and f.removed_at is null
       and p.archived_at is null
     order by f.failing_since
  `);
}

/** Feeds whose hub is to be asked: not asked yet, or its lease ends soon. One that does not answer is asked again later. */
export function listHubsToRenew(
  db: Db,
  { leaseEndsBefore, requestedBefore }: HubRenewalCutoffs,
): Promise<{ id: string }[]> {
  return db.many<{ id: string }>(sql`
    select f.id
      from feeds f
      join publications p on p.id = f.publication_id
     where f.hub_url is not null
       and f.removed_at is null
       and f.gone_at is null
       and p.archived_at is null
       and (f.hub_lease_until is null or f.hub_lease_until < ${leaseEndsBefore})
       and (f.hub_requested_at is null or f.hub_requested_at < ${requestedBefore})
     limit 100
  `);
}

/** Feeds to poll now, longest due first; none of archived publications. */
export function listFeedsDue(db: Db | Tx, now: Date, limit: number): Promise<{ id: string }[]> {
  return db.many<{ id: string }>(sql`
    select f.id
      from feeds f
      join publications p on p.id = f.publication_id
     where f.next_poll_at <= ${now}
       and f.gone_at is null
       and f.removed_at is null
       and p.archived_at is null
     order by f.next_poll_at
     limit ${limit}
  `);
}
