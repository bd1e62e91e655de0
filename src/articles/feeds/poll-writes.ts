import type { Tx } from '../../platform/db/database.js';
import { sql } from '../../platform/db/sql.js';
import type { FeedFailure } from './feed-failure.js';

/** Locks the feed's row: two polls of one feed are ingested one after the other. */
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
  { failure, failingSince, nextPollAt }: { failure: FeedFailure; failingSince: Date; nextPollAt: Date },
  now: Date,
): Promise<number> {
  return tx.run(sql`
    update feeds
       set next_poll_at = ${nextPollAt},
           last_polled_at = ${now},
           failing_since = ${failingSince},
           failure = ${JSON.stringify(failure)}::jsonb
     where id = ${id}
  `);
}

/** Its server says that it is gone for good: nobody looks there until an operator asks for it. */
export function recordFeedGone(tx: Tx, id: string, now: Date): Promise<number> {
  return tx.run(sql`
    update feeds
       set gone_at = coalesce(gone_at, ${now}),
           last_polled_at = ${now},
           failing_since = coalesce(failing_since, ${now}),
           failure = ${JSON.stringify({ code: 'gone' } satisfies FeedFailure)}::jsonb
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
