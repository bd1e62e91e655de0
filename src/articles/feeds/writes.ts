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

/** Takes the feed's row: two polls of one feed are ingested one after the other. */
export function lockFeed(
  tx: Tx,
  id: string,
): Promise<{ firstPollDone: boolean; includeNewest: number } | undefined> {
  return tx.maybe(sql`
    select first_poll_done, include_newest
      from feeds
     where id = ${id}
       and removed_at is null
       for update
  `);
}

/** What a poll that worked leaves behind. */
export function recordPollSuccess(
  tx: Tx,
  id: string,
  poll: {
    title: string | null;
    etag: string | null;
    lastModified: string | null;
    nextPollAt: Date;
    pollMinutes: number;
    /** Null: nothing was new. */
    lastNewAt: Date | null;
  },
  now: Date,
): Promise<number> {
  return tx.run(sql`
    update feeds
       set title = coalesce(${poll.title}, title),
           etag = ${poll.etag},
           last_modified = ${poll.lastModified},
           next_poll_at = ${poll.nextPollAt},
           poll_minutes = ${poll.pollMinutes},
           last_new_at = coalesce(${poll.lastNewAt}, last_new_at),
           last_polled_at = ${now},
           first_poll_done = true,
           gone_at = null,
           failing_since = null,
           failure = null
     where id = ${id}
  `);
}

export function recordPollUnchanged(tx: Tx, id: string, nextPollAt: Date, now: Date): Promise<number> {
  return tx.run(sql`
    update feeds
       set next_poll_at = ${nextPollAt},
           last_polled_at = ${now},
           gone_at = null,
           failing_since = null,
           failure = null
     where id = ${id}
  `);
}

export function recordPollFailure(
  tx: Tx,
  id: string,
  failure: { reason: string; failingSince: Date; nextPollAt: Date },
  now: Date,
): Promise<number> {
  return tx.run(sql`
    update feeds
       set next_poll_at = ${failure.nextPollAt},
           last_polled_at = ${now},
           failing_since = ${failure.failingSince},
           failure = ${failure.reason}
     where id = ${id}
  `);
}

/** Its server says that it is gone for good: nobody looks there until an operator asks for it. */
export function recordFeedGone(tx: Tx, id: string, reason: string, now: Date): Promise<number> {
  return tx.run(sql`
    update feeds
       set gone_at = coalesce(gone_at, ${now}),
           last_polled_at = ${now},
           failing_since = coalesce(failing_since, ${now}),
           failure = ${reason}
     where id = ${id}
  `);
}

/** Undefined when it is to be looked at before that anyway. */
export function bringPollForward(
  tx: Tx,
  id: string,
  earliest: Date,
): Promise<{ nextPollAt: Date } | undefined> {
  return tx.maybe<{ nextPollAt: Date }>(sql`
    update feeds
       set next_poll_at = ${earliest},
           gone_at = null
     where id = ${id}
       and removed_at is null
       and (next_poll_at > ${earliest} or gone_at is not null)
    returning next_poll_at
  `);
}

export function markFeedRemoved(tx: Tx, id: string, now: Date): Promise<number> {
  return tx.run(sql`
    update feeds
       set removed_at = ${now}
     where id = ${id}
       and removed_at is null
  `);
}

/** 0 where the publication has, or had, another feed at that address: what that one brought must not mix with this. */
export function updateFeedUrl(tx: Tx, id: string, url: string): Promise<number> {
  return tx.run(sql`
    update feeds
       set url = ${url},
           etag = null,
           last_modified = null
     where id = ${id}
       and not exists (
         select
           from feeds other
          where other.publication_id = feeds.publication_id
            and other.id <> feeds.id
            and other.url = ${url}
       )
  `);
}
