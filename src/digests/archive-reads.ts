import type { Db } from '../platform/db/database.js';
import { raw, sql } from '../platform/db/sql.js';
import type { Digest } from './digest.js';

/** A digest that went out, as everybody may read it: nothing of it differs from reader to reader. */
export type ArchivedDigest = Pick<Digest, 'id' | 'cadence' | 'period' | 'subject' | 'note'> & {
  /** When the first of its mails was composed. */
  sentAt: Date;
  /** All that any of its readers was sent, in no order. */
  articleIds: string[];
};

// What an operator sent to some readers only is theirs. A variant is rendered when the first mail of it is about to go out,
// so a digest that is a draft, held, or was cancelled in time has none that was.
const archived = raw(`
  select g.id, g.cadence, g.period, g.subject, g.note, sent.sent_at, sent.article_ids
    from digests g
   cross join lateral (
           select min(v.rendered_at) as sent_at,
                  coalesce(array_agg(distinct article) filter (where article is not null), '{}') as article_ids
             from variants v
             left join unnest(v.article_ids) as article on true
            where v.digest_id = g.id
              and v.rendered_at is not null
         ) as sent
   where sent.sent_at is not null
     and g.audience = '{}'
`);

/** Newest first; `before` is the id of the digest that the page before ended with. */
export function listArchived(
  db: Db,
  publicationId: string,
  { before, limit }: { before?: string; limit: number },
): Promise<ArchivedDigest[]> {
  const older = before === undefined ? sql`` : sql`and g.id < ${before}`;
  return db.many<ArchivedDigest>(sql`
    ${archived}
     and g.publication_id = ${publicationId}
     ${older}
   order by g.id desc
   limit ${limit}
  `);
}

export function findArchived(
  db: Db,
  publicationId: string,
  digestId: string,
): Promise<ArchivedDigest | undefined> {
  return db.maybe<ArchivedDigest>(sql`
    ${archived}
     and g.publication_id = ${publicationId}
     and g.id = ${digestId}
  `);
}

/** The next one that went out after this. */
export function findArchivedAfter(
  db: Db,
  publicationId: string,
  digestId: string,
): Promise<ArchivedDigest | undefined> {
  return db.maybe<ArchivedDigest>(sql`
    ${archived}
     and g.publication_id = ${publicationId}
     and g.id > ${digestId}
   order by g.id
   limit 1
  `);
}
