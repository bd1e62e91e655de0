import type { Tx } from '../../platform/db/database.js';
import { sql } from '../../platform/db/sql.js';
import { statesBefore } from '../../platform/db/transitions.js';
import type { Digest, DigestOrder, DigestState, Variant } from '../digest.js';
import { DIGEST_TRANSITIONS } from '../transition.js';

export type DigestKey = Pick<Digest, 'publicationId' | 'cadence' | 'period'>;

/** Makes the digest of a period. Undefined: it is there. */
export function insertDigest(
  tx: Tx,
  digest: DigestKey &
    DigestOrder &
    Pick<
      Digest,
      'state' | 'holdReasons' | 'readers' | 'readersBefore' | 'closesAt' | 'expiresAt' | 'sendAt' | 'keyId'
    >,
  now: Date,
): Promise<{ id: string } | undefined> {
  return tx.maybe(sql`
    insert into digests (publication_id, cadence, period, state, hold_reasons, readers, readers_before, closes_at,
                         expires_at, send_at, key_id, subject, preheader, note, outro, article_choices, article_ids, audience,
                         again, created_at)
    values (${digest.publicationId}, ${digest.cadence}, ${digest.period}, ${digest.state},
            ${digest.holdReasons}, ${digest.readers}, ${digest.readersBefore}, ${digest.closesAt},
            ${digest.expiresAt}, ${digest.sendAt}, ${digest.keyId}, ${digest.subject}, ${digest.preheader}, ${digest.note}, ${digest.outro},
            ${JSON.stringify(digest.articleChoices)}, ${digest.articleIds}, ${JSON.stringify(digest.audience)}, ${digest.again}, ${now})
    on conflict (publication_id, cadence, period) do nothing
    returning id
  `);
}

/** approved -> closed, for one that nobody has joined: its period passed while it waited, and its approval goes on. */
export function transferApproval(tx: Tx, digest: DigestKey): Promise<{ id: string }[]> {
  return tx.many(sql`
    update digests
       set state = 'closed',
           superseded_by = ${digest.period}
     where publication_id = ${digest.publicationId}
       and cadence = ${digest.cadence}
       and period <> ${digest.period}
       and state = any(${statesBefore(DIGEST_TRANSITIONS, 'supersede')}::text[])
       and last_batch = 0
    returning id
  `);
}

/** One more batch of readers has joined; the digest's row stays locked until the transaction ends. */
export function incrementLastBatch(tx: Tx, id: string, expiresAt: Date): Promise<{ state: DigestState }> {
  return tx.one(sql`
    update digests
       set last_batch = last_batch + 1,
           expires_at = greatest(expires_at, ${expiresAt})
     where id = ${id}
    returning state
  `);
}

/** Makes the variants that are not there; their order is that of `variants`. */
export function insertVariants(
  tx: Tx,
  digestId: string,
  variants: readonly (Pick<Variant, 'locale' | 'format' | 'withoutPictures' | 'articleIds'> & {
    maxSeq: number;
  })[],
): Promise<number> {
  return tx.run(sql`
    insert into variants (digest_id, locale, format, without_pictures, article_ids, max_seq)
    select ${digestId}::uuid, locale, format, without_pictures, article_ids::uuid[], max_seq
      from unnest(${variants.map(({ locale }) => locale)}::text[],
                  ${variants.map(({ format }) => format)}::text[],
                  ${variants.map(({ withoutPictures }) => withoutPictures)}::boolean[],
                  ${variants.map(({ articleIds }) => `{${articleIds.join()}}`)}::text[],
                  ${variants.map(({ maxSeq }) => maxSeq)}::bigint[]) as made (locale, format, without_pictures, article_ids, max_seq)
    on conflict (digest_id, locale, article_ids, format, without_pictures) do nothing
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
