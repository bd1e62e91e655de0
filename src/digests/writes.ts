import type { Tx } from '../platform/db/database.js';
import { sql } from '../platform/db/sql.js';
import type { Digest, DigestOrder, DigestState, RenderedVariant, Variant } from './digest.js';

export type DigestKey = Pick<Digest, 'publicationId' | 'cadence' | 'period'>;

/** Makes the digest of a period unless it is there. */
export function insertDigest(
  tx: Tx,
  digest: DigestKey & DigestOrder & Pick<Digest, 'state' | 'closesAt' | 'expiresAt' | 'keyId'>,
  now: Date,
): Promise<number> {
  return tx.run(sql`
    insert into digests (publication_id, cadence, period, state, closes_at, expires_at, key_id, subject, note,
                         article_ids, audience, again, created_at)
    values (${digest.publicationId}, ${digest.cadence}, ${digest.period}, ${digest.state}, ${digest.closesAt},
            ${digest.expiresAt}, ${digest.keyId}, ${digest.subject}, ${digest.note}, ${digest.articleIds},
            ${JSON.stringify(digest.audience)}, ${digest.again}, ${now})
    on conflict (publication_id, cadence, period) do nothing
  `);
}

/** One more batch of readers has joined; the digest's row stays locked until the transaction ends. */
export function incrementLastBatch(tx: Tx, id: string): Promise<{ state: DigestState }> {
  return tx.one(sql`
    update digests
       set last_batch = last_batch + 1
     where id = ${id}
    returning state
  `);
}

/** closed -> sending, for a reader who joins late: the mail server has as long to take hers as it had for the others. */
export function reopenClosed(tx: Tx, id: string, expiresAt: Date): Promise<number> {
  return tx.run(sql`
    update digests
       set state = 'sending',
           expires_at = greatest(expires_at, ${expiresAt})
     where id = ${id}
       and state = 'closed'
  `);
}

/** Makes the variants that are not there; their order is that of `variants`. */
export function insertVariants(
  tx: Tx,
  digestId: string,
  variants: readonly (Pick<Variant, 'locale' | 'format' | 'articleIds'> & { maxSeq: number })[],
): Promise<number> {
  return tx.run(sql`
    insert into variants (digest_id, locale, format, article_ids, max_seq)
    select ${digestId}::uuid, locale, format, article_ids::uuid[], max_seq
      from unnest(${variants.map(({ locale }) => locale)}::text[],
                  ${variants.map(({ format }) => format)}::text[],
                  ${variants.map(({ articleIds }) => `{${articleIds.join()}}`)}::text[],
                  ${variants.map(({ maxSeq }) => maxSeq)}::bigint[]) as made (locale, format, article_ids, max_seq)
    on conflict (digest_id, locale, article_ids, format) do nothing
  `);
}

/** Keeps a variant's words and message, once: whoever renders second reads what the first one stored. */
export function storeRendering(tx: Tx, id: string, rendering: RenderedVariant, now: Date): Promise<number> {
  return tx.run(sql`
    update variants
       set subject = ${rendering.subject},
           html = ${rendering.html},
           text = ${rendering.text},
           mime = ${rendering.mime},
           rendered_at = ${now}
     where id = ${id}
       and rendered_at is null
  `);
}

/** Its first mail is about to go out; later ones change nothing. */
export function recordFirstSent(tx: Tx, id: string, now: Date): Promise<number> {
  return tx.run(sql`
    update digests
       set sent_at = ${now}
     where id = ${id}
       and sent_at is null
  `);
}

/** Nobody will join the instant digests up to this number any more. */
export function endInstantPlanning(tx: Tx, publicationId: string, seq: number, now: Date): Promise<number> {
  return tx.run(sql`
    update digests
       set closes_at = ${now}
     where publication_id = ${publicationId}
       and cadence = 'instant'
       and closes_at is null
       and period::bigint <= ${seq}
  `);
}

export function endPlanning(tx: Tx, id: string, now: Date): Promise<number> {
  return tx.run(sql`
    update digests
       set closes_at = ${now}
     where id = ${id}
       and closes_at is null
  `);
}

/** sending -> closed, if nobody has taken another batch since. */
export function closeFinished(tx: Tx, digests: { id: string; lastBatch: number }[]): Promise<number> {
  return tx.run(sql`
    update digests g
       set state = 'closed'
      from unnest(${digests.map((digest) => digest.id)}::uuid[],
                  ${digests.map((digest) => digest.lastBatch)}::integer[]) as finished (id, last_batch)
     where g.id = finished.id
       and g.last_batch = finished.last_batch
       and g.state = 'sending'
       and not exists (select from batches b where b.digest_id = g.id and b.due_at is not null)
  `);
}

/** approved -> sending. */
export function startSending(tx: Tx, id: string): Promise<number> {
  return tx.run(sql`
    update digests
       set state = 'sending'
     where id = ${id}
       and state = 'approved'
  `);
}
