import type { Db, Tx } from '../../platform/db/database.js';
import { publicationFinder } from '../../platform/db/publication-finder.js';
import { raw, sql } from '../../platform/db/sql.js';
import type { Cadence } from '../../publications/publication.js';
import type { Digest } from '../digest.js';
import { OPEN_STATES, type Draft, type DraftContent } from './draft.js';

const draftColumns = raw(`
  id, publication_id, cadence, period, closes_at, state, version, content, digest_id, missed_digest_id, created_at,
  updated_at
`);

/** The publication of a draft. */
export const findDraftPublication = publicationFinder('drafts');

export function findDraft(db: Db | Tx, id: string): Promise<Draft | undefined> {
  return db.maybe<Draft>(sql`
    select ${draftColumns}
      from drafts
     where id = ${id}
  `);
}

/** Its row, locked until the transaction ends. */
export function lockDraft(tx: Tx, id: string): Promise<Draft | undefined> {
  return tx.maybe<Draft>(sql`
    select ${draftColumns}
      from drafts
     where id = ${id}
       for no key update
  `);
}

/** What it said at an earlier version; undefined: that is not kept. */
export async function findDraftVersion(
  db: Db | Tx,
  draftId: string,
  version: number,
): Promise<DraftContent | undefined> {
  const row = await db.maybe<{ content: DraftContent }>(sql`
    select content
      from draft_versions
     where draft_id = ${draftId}
       and version = ${version}
  `);
  return row?.content;
}

/** Those of a publication, the newest first; with `before`, older ones than that. */
export function listDrafts(
  db: Db | Tx,
  publicationId: string,
  { before, limit }: { before?: string | undefined; limit: number },
): Promise<Draft[]> {
  const older = before === undefined ? sql`` : sql`and id < ${before}`;
  return db.many<Draft>(sql`
    select ${draftColumns}
      from drafts
     where publication_id = ${publicationId}
       and state <> 'discarded'
       ${older}
     order by id desc
     limit ${limit}
  `);
}

/** Those for digests of rhythms that are to come, in the order in which they were begun. */
export function listOpenDrafts(db: Db | Tx, publicationId: string): Promise<Draft[]> {
  return db.many<Draft>(sql`
    select ${draftColumns}
      from drafts
     where publication_id = ${publicationId}
       and cadence is not null
       and state = any(${OPEN_STATES}::text[])
     order by id
  `);
}

/**
 * Those of digests that were let go and that nobody has joined: where a digest of another period takes the place of theirs,
 * it inherits them.
 * @param keys digests that are being joined
 */
export function listInherited(tx: Tx, publicationId: string, keys: readonly PeriodKey[]): Promise<Draft[]> {
  return tx.many<Draft>(sql`
    select ${draftColumns}
      from drafts
     where id in (
       select d.id
         from digests g
         join drafts d on d.digest_id = g.id
        where g.publication_id = ${publicationId}
          and g.cadence = any(${keys.map(({ cadence }) => cadence)}::text[])
          and g.state = 'approved'
          and g.last_batch = 0
          and not (g.cadence, g.period) in (
            select * from unnest(${keys.map(({ cadence }) => cadence)}::text[],
                                 ${keys.map(({ period }) => period)}::text[]))
     )
     order by id
  `);
}

/** The one that is written for a digest, or for the next of a rhythm. */
export function findOpenDraft(
  db: Db | Tx,
  { publicationId, cadence, period }: { publicationId: string; cadence: Cadence; period: string | null },
): Promise<Draft | undefined> {
  return db.maybe<Draft>(sql`
    select ${draftColumns}
      from drafts
     where publication_id = ${publicationId}
       and cadence = ${cadence}
       and period is not distinct from ${period}
       and state = any(${OPEN_STATES}::text[])
  `);
}

/** The one whose words a digest has. */
export function findDraftOfDigest(db: Db | Tx, digestId: string): Promise<Draft | undefined> {
  return db.maybe<Draft>(sql`
    select ${draftColumns}
      from drafts
     where digest_id = ${digestId}
  `);
}

export type PeriodKey = { cadence: Cadence; period: string };

/** Digests of these periods, with what was chosen for them; periods that nobody has opened are not among them. */
export function listDigestChoices(
  db: Db | Tx,
  publicationId: string,
  keys: readonly PeriodKey[],
): Promise<(PeriodKey & Pick<Digest, 'state' | 'articleChoices'>)[]> {
  return db.many(sql`
    select g.cadence, g.period, g.state, g.article_choices
      from unnest(${keys.map(({ cadence }) => cadence)}::text[],
                  ${keys.map(({ period }) => period)}::text[]) as wanted (cadence, period)
      join digests g
        on g.publication_id = ${publicationId}
       and g.cadence = wanted.cadence
       and g.period = wanted.period
  `);
}

/** The digest of a rhythm that waits for an operator, that nobody was planned for and that has no words yet. */
export function findWaitingDigest(
  tx: Tx,
  { publicationId, cadence, period }: Pick<Draft, 'publicationId' | 'cadence' | 'period'>,
): Promise<Pick<Digest, 'id' | 'holdReasons'> | undefined> {
  return tx.maybe(sql`
    select id, hold_reasons
      from digests g
     where publication_id = ${publicationId}
       and cadence = ${cadence}
       and period = coalesce(${period}, period)
       and state in ('held', 'approved')
       and last_batch = 0
       and not exists (select from drafts d where d.digest_id = g.id)
     order by id
     limit 1
  `);
}
