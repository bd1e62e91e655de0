import { hash } from 'node:crypto';
import type { Db, Tx } from '../../db/database.js';
import { raw as rawSql, sql } from '../../db/sql.js';
import type { InboundSource, InboundState, ReceivedMail } from './inbound-mail.js';

/** A stored mail without its bytes. */
export type InboundMail = {
  id: string;
  source: InboundSource;
  envelopeFrom: string | null;
  envelopeTo: string[];
  receivedAt: Date;
  state: InboundState;
  /** A code: why it was ignored, or what failed. */
  reason: string | null;
  parserVersion: number | null;
  processedAt: Date | null;
};

const columns = rawSql(
  'id, source, envelope_from, envelope_to, received_at, state, reason, parser_version, processed_at',
);

/**
 * Stores a mail. The same bytes again are the same mail; where they are for another recipient too, it is to be read again.
 * @returns undefined where all of it is there already
 */
export function insertInboundMail(
  tx: Tx,
  { source, raw, envelopeFrom, envelopeTo }: ReceivedMail,
  now: Date,
): Promise<{ id: string } | undefined> {
  return tx.maybe(sql`
    insert into inbound_mails (sha256, raw, source, envelope_from, envelope_to, received_at)
    values (${hash('sha256', raw, 'buffer')}, ${raw}, ${source}, ${envelopeFrom}, ${[...envelopeTo]}::text[], ${now})
    on conflict (sha256) do update
       set envelope_to = array(select distinct unnest(inbound_mails.envelope_to || excluded.envelope_to) order by 1),
           state = 'waiting',
           processed_at = null
     where not excluded.envelope_to <@ inbound_mails.envelope_to
    returning id
  `);
}

export function findInboundMail(
  db: Db | Tx,
  id: string,
): Promise<(InboundMail & { raw: Buffer }) | undefined> {
  return db.maybe(sql`select ${columns}, raw from inbound_mails where id = ${id}`);
}

/** The newest first. */
export function listInboundMails(
  db: Db | Tx,
  { state, before, limit }: { state?: InboundState; before?: string; limit: number },
): Promise<InboundMail[]> {
  return db.many<InboundMail>(sql`
    select ${columns}
      from inbound_mails
     where ${state === undefined ? sql`true` : sql`state = ${state}`}
       and ${before === undefined ? sql`true` : sql`id < ${before}`}
     order by id desc
     limit ${limit}
  `);
}

/** How many could not be read, of those that were tried since a moment. */
export async function countFailedInbound(db: Db | Tx, since: Date): Promise<number> {
  const { count } = await db.one<{ count: number }>(sql`
    select count(*)
      from inbound_mails
     where state = 'failed'
       and processed_at > ${since}
  `);
  return count;
}

/** When the last mail came in, by each way. */
export function findLastInbound(db: Db | Tx): Promise<{ source: InboundSource; receivedAt: Date }[]> {
  return db.many(sql`
    select source, received_at
      from unnest(array['smtp', 'imap', 'file']) as ways (source)
     cross join lateral (
       select received_at
         from inbound_mails
        where inbound_mails.source = ways.source
        order by id desc
        limit 1
     ) as newest
  `);
}

/** waiting -> what became of it. Zero: somebody else has read it, or it came for another recipient meanwhile. */
export function recordInboundResult(
  tx: Tx,
  mail: Pick<InboundMail, 'id' | 'envelopeTo'>,
  result: { state: Exclude<InboundState, 'waiting'>; reason: string | null; parserVersion: number },
  now: Date,
): Promise<number> {
  return tx.run(sql`
    update inbound_mails
       set state = ${result.state},
           reason = ${result.reason},
           parser_version = ${result.parserVersion},
           processed_at = ${now}
     where id = ${mail.id}
       and state = 'waiting'
       and envelope_to = ${mail.envelopeTo}::text[]
  `);
}

/** Back to waiting, to be read again; a page in the order in which they came. Whoever left by mail left once. */
export function markInboundWaiting(
  tx: Tx,
  { onlyFailed, after, limit }: { onlyFailed: boolean; after: string; limit: number },
): Promise<{ id: string }[]> {
  return tx.many(sql`
    with page as (
      select id
        from inbound_mails
       where id > ${after}
         and ${onlyFailed ? sql`state = 'failed'` : sql`state in ('recorded', 'ignored', 'failed')`}
       order by id
       limit ${limit}
         for update
    ), marked as (
      update inbound_mails
         set state = 'waiting',
             processed_at = null
        from page
       where inbound_mails.id = page.id
    )
    select id
      from page
     order by id
  `);
}

/** @param beforeId the lowest id that a row of the moment `before` can have */
export function deleteInboundBefore(
  tx: Tx,
  { before, beforeId }: { before: Date; beforeId: string },
  limit: number,
): Promise<number> {
  return tx.run(sql`
    delete from inbound_mails
     where id in (
       select id
         from inbound_mails
        where id < ${beforeId}
          and received_at < ${before}
        order by id
        limit ${limit}
     )
  `);
}
