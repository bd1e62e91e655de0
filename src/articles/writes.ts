import type { Tx } from '../platform/db/database.js';
import { sql } from '../platform/db/sql.js';
import type { Article } from './article.js';
import type { FeedItem } from './feed-item.js';
import { columns } from './reads.js';

/** Undefined when this publication has the feed already. A feed that was removed comes back as new. */
export function insertFeed(
  tx: Tx,
  feed: { publicationId: string; url: string; includeNewest: number },
  now: Date,
): Promise<{ id: string } | undefined> {
  return tx.maybe<{ id: string }>(sql`
    insert into feeds (publication_id, url, include_newest, next_poll_at, created_at)
    values (${feed.publicationId}, ${feed.url}, ${feed.includeNewest}, ${now}, ${now})
    on conflict (publication_id, url) do update
       set removed_at = null,
           include_newest = excluded.include_newest,
           first_poll_done = false,
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
export function notePolled(
  tx: Tx,
  id: string,
  poll: {
    title: string | null;
    etag: string | null;
    lastModified: string | null;
    nextPollAt: Date;
  },
  now: Date,
): Promise<number> {
  return tx.run(sql`
    update feeds
       set title = coalesce(${poll.title}, title),
           etag = ${poll.etag},
           last_modified = ${poll.lastModified},
           next_poll_at = ${poll.nextPollAt},
           last_polled_at = ${now},
           first_poll_done = true,
           failing_since = null,
           failure = null
     where id = ${id}
  `);
}

export function noteUnchanged(tx: Tx, id: string, nextPollAt: Date, now: Date): Promise<number> {
  return tx.run(sql`
    update feeds
       set next_poll_at = ${nextPollAt},
           last_polled_at = ${now},
           failing_since = null,
           failure = null
     where id = ${id}
  `);
}

export function noteFailure(
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

export function removeFeed(tx: Tx, id: string, now: Date): Promise<number> {
  return tx.run(sql`
    update feeds
       set removed_at = ${now}
     where id = ${id}
       and removed_at is null
  `);
}

export type NewArticle = {
  publicationId: string;
  feedId: string | null;
  item: FeedItem;
  state: 'waiting' | 'held' | 'skipped';
  holdReason: string | null;
  releaseAt: Date;
};

/** Undefined when the article is known already. */
export function insertArticle(tx: Tx, article: NewArticle, now: Date): Promise<{ id: string } | undefined> {
  const { item } = article;
  return tx.maybe<{ id: string }>(sql`
    insert into articles (publication_id, feed_id, external_id, url, title, summary, content_html, authors, image,
                          categories, published_at, updated_at, first_seen_at, state, hold_reason, release_at)
    values (${article.publicationId}, ${article.feedId}, ${item.externalId}, ${item.url ?? null}, ${item.title},
            ${item.summary}, ${item.contentHtml}, ${item.authors}, ${item.image ?? null}, ${item.categories},
            ${item.publishedAt ?? null}, ${item.updatedAt ?? null}, ${now}, ${article.state},
            ${article.holdReason}, ${article.releaseAt})
    on conflict (publication_id, feed_id, external_id) do nothing
    returning id
  `);
}

/** A correction that came while nothing has been mailed yet: the reader gets the better text. */
export function correctUnreleased(
  tx: Tx,
  feed: { id: string; publicationId: string },
  item: FeedItem,
): Promise<number> {
  return tx.run(sql`
    update articles
       set url = ${item.url ?? null},
           title = ${item.title},
           summary = ${item.summary},
           content_html = ${item.contentHtml},
           authors = ${item.authors},
           image = ${item.image ?? null},
           categories = ${item.categories},
           updated_at = ${item.updatedAt ?? null}
     where publication_id = ${feed.publicationId}
       and feed_id = ${feed.id}
       and external_id = ${item.externalId}
       and state in ('waiting', 'held')
  `);
}

/** The waiting articles whose time has come, in the order they were published; locked. */
export function lockDueForRelease(tx: Tx, publicationId: string, now: Date): Promise<{ id: string }[]> {
  return tx.many<{ id: string }>(sql`
    select id
      from articles
     where publication_id = ${publicationId}
       and state = 'waiting'
       and release_at <= ${now}
     order by coalesce(published_at, first_seen_at), id
       for update
  `);
}

/** waiting -> released, with the articles' numbers. */
export function releaseArticles(
  tx: Tx,
  articles: readonly { id: string; seq: number }[],
  now: Date,
): Promise<number> {
  return tx.run(sql`
    update articles a
       set state = 'released',
           seq = numbered.seq,
           released_at = ${now}
      from unnest(${articles.map((article) => article.id)}::uuid[],
                  ${articles.map((article) => article.seq)}::bigint[]) as numbered (id, seq)
     where a.id = numbered.id
       and a.state = 'waiting'
  `);
}

/** waiting -> held. Undefined when it is too late. */
export function holdWaiting(tx: Tx, id: string, reason: string): Promise<Article | undefined> {
  return tx.maybe<Article>(sql`
    update articles
       set state = 'held',
           hold_reason = ${reason}
     where id = ${id}
       and state = 'waiting'
    returning id, publication_id
  `);
}

/** held or waiting -> waiting, due now: an operator's word passes the guards and the hold window. */
export function letGo(tx: Tx, id: string, now: Date): Promise<{ publicationId: string } | undefined> {
  return tx.maybe<{ publicationId: string }>(sql`
    update articles
       set state = 'waiting',
           hold_reason = null,
           release_at = ${now}
     where id = ${id}
       and state in ('held', 'waiting')
    returning publication_id
  `);
}

/** held or waiting -> skipped: marked as already sent. */
export function skipUnreleased(tx: Tx, id: string): Promise<{ publicationId: string } | undefined> {
  return tx.maybe<{ publicationId: string }>(sql`
    update articles
       set state = 'skipped',
           hold_reason = null
     where id = ${id}
       and state in ('held', 'waiting')
    returning publication_id
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
            and other.url = ${url}
       )
  `);
}

/** Undefined when there is no such article, or it was retracted. */
export function updateArticle(
  tx: Tx,
  id: string,
  row: Pick<Article, 'url' | 'title' | 'summary' | 'contentHtml' | 'authors' | 'image' | 'categories'>,
  now: Date,
): Promise<Article | undefined> {
  return tx.maybe<Article>(sql`
    update articles
       set url = ${row.url},
           title = ${row.title},
           summary = ${row.summary},
           content_html = ${row.contentHtml},
           authors = ${row.authors},
           image = ${row.image},
           categories = ${row.categories},
           updated_at = ${now}
     where id = ${id}
       and state <> 'retracted'
    returning ${columns}
  `);
}

/** Any state -> retracted. It keeps its number, if it had one: numbers are never given twice. */
export function retract(tx: Tx, id: string): Promise<number> {
  return tx.run(sql`
    update articles
       set state = 'retracted',
           hold_reason = null
     where id = ${id}
       and state <> 'retracted'
  `);
}
