import type { Db, Tx } from '../platform/db/database.js';
import { publicationFinder } from '../platform/db/publication-finder.js';
import { arrayLiteral } from '../platform/db/array-literal.js';
import { raw, sql } from '../platform/db/sql.js';
import type { Cadence } from '../publications/publication.js';
import type { Digest, Variant } from './digest.js';

const digestColumns = raw(`
  id, publication_id, cadence, period, state, hold_reasons, readers, readers_before, paused_by, superseded_by, reason, closes_at, expires_at, send_at, sent_at, details_deleted_at, key_id, subject,
  preheader, note, outro, article_choices, article_ids, audience, again, created_at
`);

export function findDigest(db: Db | Tx, id: string): Promise<Digest | undefined> {
  return db.maybe<Digest>(sql`
    select ${digestColumns}
      from digests
     where id = ${id}
  `);
}

/** The publication of a digest. */
export const findDigestPublication = publicationFinder('digests');

/** Those whose ids begin like this; two are enough to know that it is not one alone. */
export function listDigestsByIdPrefix(db: Db | Tx, idPrefix: string): Promise<Digest[]> {
  return db.many<Digest>(sql`
    select ${digestColumns}
      from digests
     where id::text like ${`${idPrefix}%`}
     limit 2
  `);
}

export function listDigests(db: Db | Tx, publicationId: string, limit: number): Promise<Digest[]> {
  return db.many<Digest>(sql`
    select ${digestColumns}
      from digests
     where publication_id = ${publicationId}
     order by id desc
     limit ${limit}
  `);
}

/** Of all publications: made since a moment, or not complete. */
export function listRecentDigests(db: Db | Tx, since: Date): Promise<{ id: string }[]> {
  return db.many(sql`
    select id
      from digests
     where created_at >= ${since}
        or state in ('sending', 'paused')
     order by id
  `);
}

/** Of all publications. */
export function listSendingDigests(db: Db | Tx): Promise<{ id: string }[]> {
  return db.many(sql`
    select id
      from digests
     where state = 'sending'
     order by id
  `);
}

/** Held or paused ones, newest first. */
export function listStoppedDigests(db: Db | Tx, publicationId: string, limit: number): Promise<Digest[]> {
  return db.many<Digest>(sql`
    select ${digestColumns}
      from digests
     where publication_id = ${publicationId}
       and state in ('held', 'paused')
     order by id desc
     limit ${limit}
  `);
}

/** The number of the newest article in the last digest of a rhythm that had readers; 0 before there was one. */
export async function findLastPlannedSeq(
  db: Db | Tx,
  publicationId: string,
  cadence: Cadence,
): Promise<number> {
  const { seq } = await db.one<{ seq: number | null }>(sql`
    select max(v.max_seq) as seq
      from (select id
              from digests
             where publication_id = ${publicationId}
               and cadence = ${cadence}
               and state in ('sending', 'paused', 'closed')
             order by created_at desc
             limit 3) as last
      join variants v on v.digest_id = last.id
  `);
  return seq ?? 0;
}

/** The articles of all lists of a digest, each once, those of the longest list first. */
export async function listArticleIds(db: Db | Tx, digestId: string): Promise<string[]> {
  const rows = await db.many<{ id: string }>(sql`
    select article.id
      from variants v, unnest(v.article_ids) with ordinality as article (id, place)
     where v.digest_id = ${digestId}
     group by article.id
     order by max(cardinality(v.article_ids)) desc, min(article.place), article.id
  `);
  return rows.map(({ id }) => id);
}

/** The articles of the longest list of each of these digests. */
export async function listLongestLists(
  db: Db | Tx,
  digestIds: readonly string[],
): Promise<Map<string, string[]>> {
  const rows = await db.many<{ digestId: string; articleIds: string[] }>(sql`
    select distinct on (digest_id) digest_id, article_ids
      from variants
     where digest_id = any(${arrayLiteral([...digestIds])}::uuid[])
     order by digest_id, cardinality(article_ids) desc, id
  `);
  return new Map(rows.map(({ digestId, articleIds }) => [digestId, articleIds]));
}

/** The lists of a digest without what was rendered of them, which takes much room; the longest first. */
export function listVariantHeads(
  db: Db | Tx,
  digestId: string,
  limit: number,
): Promise<Pick<Variant, 'id' | 'locale' | 'format' | 'withoutPictures' | 'articleIds'>[]> {
  return db.many(sql`
    select id, locale, format, without_pictures, article_ids
      from variants
     where digest_id = ${digestId}
     order by cardinality(article_ids) desc, id
     limit ${limit}
  `);
}

/** What digests are called, by their ids: the subject in one of these languages where there is one, else of the longest list. */
export async function listSubjects(
  db: Db | Tx,
  digestIds: readonly string[],
  languages: readonly string[],
): Promise<Map<string, string>> {
  const rows = await db.many<{ digestId: string; subject: string }>(sql`
    select distinct on (digest_id) digest_id, subject
      from variants
     where digest_id = any(${[...digestIds]}::uuid[])
       and subject is not null
     order by digest_id, locale = any(${[...languages]}::text[]) desc, cardinality(article_ids) desc, id
  `);
  return new Map(rows.map(({ digestId, subject }) => [digestId, subject]));
}

/** Digests of the rhythms that are not over, the newest first. */
export function listOpenDigests(
  db: Db | Tx,
  publicationId: string,
  limit: number,
): Promise<Pick<Digest, 'id' | 'cadence' | 'period' | 'state'>[]> {
  return db.many(sql`
    select id, cadence, period, state
      from digests
     where publication_id = ${publicationId}
       and cadence in ('daily', 'weekly', 'monthly')
       and state in ('held', 'approved', 'sending', 'paused')
     order by id desc
     limit ${limit}
  `);
}

/** Readers of these rhythms wait for an operator to decide about a held digest: none of them is planned meanwhile. */
export function listHeldCadences(db: Db | Tx): Promise<{ publicationId: string; cadence: Cadence }[]> {
  return db.many(sql`
    select distinct publication_id, cadence
      from digests
     where state = 'held'
       and cadence <> 'operator'
  `);
}

/** The number of the first article whose instant digest waits for an operator's word. */
export async function findFirstHeldSeq(db: Db | Tx, publicationId: string): Promise<number | undefined> {
  const held = await db.one<{ seq: number | null }>(sql`
    select min(period::bigint) as seq
      from digests
     where publication_id = ${publicationId}
       and cadence = 'instant'
       and state = 'held'
  `);
  return held.seq ?? undefined;
}

/** One page, newest first; ids sort by time. */
export function listDigestsPage(
  db: Db | Tx,
  publicationId: string,
  before: string | undefined,
  limit: number,
): Promise<Digest[]> {
  const older = before === undefined ? sql`` : sql`and id < ${before}`;
  return db.many<Digest>(sql`
    select ${digestColumns}
      from digests
     where publication_id = ${publicationId}
       ${older}
     order by id desc
     limit ${limit}
  `);
}

/** The oldest that is over, was given up before a moment and has its details still, but for these; its row stays locked. */
export function lockNextWithDetails(
  tx: Tx,
  before: Date,
  except: readonly string[],
): Promise<{ id: string; publicationId: string }[]> {
  return tx.many(sql`
    select id, publication_id
      from digests
     where details_deleted_at is null
       and state in ('closed', 'cancelled')
       and expires_at < ${before}
       and id <> all(${[...except]}::uuid[])
     order by expires_at, id
     limit 1
       for no key update
  `);
}
