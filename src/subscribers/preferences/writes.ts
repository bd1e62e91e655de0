import { arrayLiteral, dateArrayLiteral } from '../../platform/db/array-literal.js';
import type { Tx } from '../../platform/db/database.js';
import { sql } from '../../platform/db/sql.js';
import { statesBefore } from '../../platform/db/transitions.js';
import type { Choices, Subscription } from '../subscription.js';
import { SUBSCRIPTION_TRANSITIONS } from '../transitions.js';

export function updateChoices(
  tx: Tx,
  id: string,
  choices: Choices &
    Pick<Subscription, 'locale' | 'format' | 'withoutPictures' | 'atMostDaily' | 'nextDueAt'>,
): Promise<number> {
  return tx.run(sql`
    update subscriptions
       set cadence = ${choices.cadence},
           hour = ${choices.hour},
           weekday = ${choices.weekday},
           day_of_month = ${choices.dayOfMonth},
           timezone = ${choices.timezone},
           topics = ${choices.topics},
           locale = ${choices.locale},
           format = ${choices.format},
           without_pictures = ${choices.withoutPictures},
           at_most_daily = ${choices.atMostDaily},
           next_due_at = ${choices.nextDueAt}
     where id = ${id}
  `);
}

/** Undefined: neither confirmed nor paused. The time when a pause began stays when it gets another end. */
export function markPaused(
  tx: Tx,
  id: string,
  { until, catchUp }: { until: Date | null; catchUp: boolean },
  now: Date,
): Promise<{ publicationId: string } | undefined> {
  return tx.maybe(sql`
    update subscriptions
       set status = 'paused',
           paused_at = coalesce(paused_at, ${now}),
           paused_until = ${until},
           catch_up = ${catchUp},
           next_due_at = null
     where id = ${id}
       and status = any(${statesBefore(SUBSCRIPTION_TRANSITIONS, 'pause')}::text[])
    returning publication_id
  `);
}

/**
 * Lowers the watermark of those of these readers who are paused and want a catch-up: what was planned for them and not sent
 * is planned again.
 */
export function lowerPausedWatermarks(
  tx: Tx,
  readers: readonly { id: string; watermark: number }[],
): Promise<number> {
  return tx.run(sql`
    update subscriptions s
       set watermark = least(s.watermark, step.watermark)
      from unnest(${arrayLiteral(readers.map(({ id }) => id))}::uuid[],
                  ${arrayLiteral(readers.map(({ watermark }) => watermark))}::bigint[]) as step (id, watermark)
     where s.id = step.id
       and s.status = 'paused'
       and s.catch_up
  `);
}

/**
 * For readers of one publication: those who catch up keep their watermark, and get what they missed in one digest; the others
 * go on from the latest article.
 */
export function markResumed(
  tx: Tx,
  readers: readonly { id: string; nextDueAt: Date | null }[],
  latest: number,
): Promise<number> {
  return tx.run(sql`
    update subscriptions s
       set status = 'confirmed',
           watermark = case when s.catch_up then s.watermark else greatest(s.watermark, ${latest}) end,
           catch_up_to = case when s.catch_up then ${latest}::bigint end,
           next_due_at = reader.next_due_at,
           paused_at = null,
           paused_until = null,
           catch_up = false
      from unnest(${arrayLiteral(readers.map(({ id }) => id))}::uuid[],
                  ${dateArrayLiteral(readers.map(({ nextDueAt }) => nextDueAt))}::timestamptz[])
           as reader (id, next_due_at)
     where s.id = reader.id
       and s.status = any(${statesBefore(SUBSCRIPTION_TRANSITIONS, 'resume')}::text[])
  `);
}

export type LinkRequest = {
  id: string;
  publicationId: string;
  email: string;
  /** What for: the link to her settings, or to leave at once. */
  wish: 'settings' | 'leave';
  createdAt: Date;
};

export function insertLinkRequest(
  tx: Tx,
  request: Omit<LinkRequest, 'id' | 'createdAt'>,
  now: Date,
): Promise<{ id: string }> {
  return tx.one(sql`
    insert into link_requests (publication_id, email, wish, created_at)
    values (${request.publicationId}, ${request.email}, ${request.wish}, ${now})
    returning id
  `);
}

/** Deletes and returns a request, so that only one worker decides it. */
export function takeLinkRequest(tx: Tx, id: string): Promise<LinkRequest | undefined> {
  return tx.maybe<LinkRequest>(sql`
    delete from link_requests
     where id = ${id}
    returning id, publication_id, email, wish, created_at
  `);
}
