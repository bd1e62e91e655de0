import type { Tx } from '../platform/db/database.js';
import { sql } from '../platform/db/sql.js';
import type { Digest, DigestOrder, DigestState, RenderedVariant } from './digest.js';

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

/** Takes the digest's row and the number of its next batch. */
export function takeNextBatch(
  tx: Tx,
  key: DigestKey,
): Promise<{ id: string; state: DigestState; lastBatch: number }> {
  return tx.one(sql`
    update digests
       set last_batch = last_batch + 1
     where publication_id = ${key.publicationId}
       and cadence = ${key.cadence}
       and period = ${key.period}
    returning id, state, last_batch
  `);
}

/** closed -> sending, for a reader who joins late: the mail server has as long to take hers as it had for the others. */
export function reopenDigest(tx: Tx, id: string, expiresAt: Date): Promise<number> {
  return tx.run(sql`
    update digests
       set state = 'sending',
           expires_at = greatest(expires_at, ${expiresAt})
     where id = ${id}
       and state = 'closed'
  `);
}

export function upsertVariant(
  tx: Tx,
  variant: { digestId: string; locale: string; articleIds: string[]; maxSeq: number },
): Promise<{ id: string }> {
  return tx.one<{ id: string }>(sql`
    insert into variants (digest_id, locale, article_ids, max_seq)
    values (${variant.digestId}, ${variant.locale}, ${variant.articleIds}, ${variant.maxSeq})
    on conflict (digest_id, locale, article_ids) do update
       set max_seq = excluded.max_seq
    returning id
  `);
}

/** Keeps a variant's words, once: whoever renders second reads what the first one stored. */
export function keepRendering(
  tx: Tx,
  id: string,
  rendering: Pick<RenderedVariant, 'subject' | 'html' | 'text'>,
  now: Date,
): Promise<number> {
  return tx.run(sql`
    update variants
       set subject = ${rendering.subject},
           html = ${rendering.html},
           text = ${rendering.text},
           rendered_at = ${now}
     where id = ${id}
       and rendered_at is null
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
export function closeSending(tx: Tx, digests: { id: string; lastBatch: number }[]): Promise<number> {
  return tx.run(sql`
    update digests g
       set state = 'closed'
      from unnest(${digests.map((digest) => digest.id)}::uuid[],
                  ${digests.map((digest) => digest.lastBatch)}::integer[]) as finished (id, last_batch)
     where g.id = finished.id
       and g.last_batch = finished.last_batch
       and g.state = 'sending'
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
