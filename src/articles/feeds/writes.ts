import type { Tx } from '../../platform/db/database.js';
import { sql } from '../../platform/db/sql.js';

/** Undefined when this publication has the feed already. A feed that was removed comes back as new. */
export function insertFeed(
  tx: Tx,
  feed: { publicationId: string; url: string; includeNewest: number; nextPollAt: Date },
  now: Date,
): Promise<{ id: string } | undefined> {
  return tx.maybe<{ id: string }>(sql`
    insert into feeds (publication_id, url, include_newest, next_poll_at, created_at)
    values (${feed.publicationId}, ${feed.url}, ${feed.includeNewest}, ${feed.nextPollAt}, ${now})
    on conflict (publication_id, url) do update
       set removed_at = null,
           include_newest = excluded.include_newest,
           first_poll_done = false,
           gone_at = null,
           etag = null,
           last_modified = null,
           failing_since = null,
           failure = null,
           next_poll_at = excluded.next_poll_at
     where feeds.removed_at is not null
    returning id
  `);
}

export function markFeedRemoved(
  tx: Tx,
  id: string,
  now: Date,
): Promise<{ publicationId: string; url: string } | undefined> {
  return tx.maybe(sql`
    update feeds
       set removed_at = ${now}
     where id = ${id}
       and removed_at is null
    returning publication_id, url
  `);
}

/** Undefined where the publication has, or had, another feed at that address: articles of the two must not mix. */
export function updateFeedUrl(
  tx: Tx,
  id: string,
  url: string,
): Promise<{ publicationId: string; previousUrl: string } | undefined> {
  return tx.maybe(sql`
    with previous as (
      select id, url
        from feeds
       where id = ${id}
         for no key update
    )
    update feeds
       set url = ${url},
           etag = null,
           last_modified = null
      from previous
     where feeds.id = previous.id
       and not exists (
         select
           from feeds other
          where other.publication_id = feeds.publication_id
            and other.id <> feeds.id
            and other.url = ${url}
       )
    returning feeds.publication_id, previous.url as previous_url
  `);
}

/** Feeds that are to be looked at only after this are looked at now. */
export function bringFarPollsForward(tx: Tx, after: Date, now: Date): Promise<number> {
  return tx.run(sql`
    update feeds
       set next_poll_at = ${now}
     where next_poll_at > ${after}
       and removed_at is null
       and gone_at is null
  `);
}

/** Of feeds that were not looked at since then; also what is asked for of the newest counts as read. */
export function forgetFirstPolls(tx: Tx, since: Date): Promise<number> {
  return tx.run(sql`
    update feeds
       set first_poll_done = false,
           include_newest = 0,
           etag = null,
           last_modified = null
     where last_polled_at < ${since}
       and removed_at is null
  `);
}
