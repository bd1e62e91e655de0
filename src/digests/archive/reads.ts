import type { Db } from '../../platform/db/database.js';
import { raw, sql } from '../../platform/db/sql.js';
import type { Digest } from '../digest.js';

/** A digest that went out, as everybody may read it: nothing of it differs from reader to reader. */
export type ArchivedDigest = Pick<
  Digest,
  'id' | 'cadence' | 'period' | 'subject' | 'note' | 'outro' | 'articleChoices'
> & {
  /** When the first of its mails was composed. */
  sentAt: Date;
  /** All that any of its readers was sent, in no order. */
  articleIds: string[];
};

/** Where a digest stands among the others. */
type ArchivePosition = Pick<ArchivedDigest, 'id' | 'sentAt'>;

// What an operator sent to chosen readers is not public (`isForEverybody`). `sent_at` is null before the first mail, so held digests and
// those cancelled before it are not in the archive.
const archivedSelect = raw(`
  select g.id, g.cadence, g.period, g.subject, g.note, g.outro, g.article_choices, g.sent_at,
         array(
           select distinct unnest(v.article_ids)
             from variants v
            where v.digest_id = g.id
              and v.rendered_at is not null
         ) as article_ids
    from digests g
   where g.sent_at is not null
     and (g.audience = '{}'
          or (g.audience - 'cadence' = '{}' and jsonb_typeof(g.audience -> 'cadence') = 'array'
              and g.subject is null and g.note is null and g.outro is null))
`);

/** Newest first; with `before`, those that went out before it. */
export function listArchivedBefore(
  db: Db,
  publicationId: string,
  { before, limit }: { before?: ArchivePosition; limit: number },
): Promise<ArchivedDigest[]> {
  const older = before === undefined ? sql`` : sql`and (g.sent_at, g.id) < (${before.sentAt}, ${before.id})`;
  return db.many<ArchivedDigest>(sql`
    ${archivedSelect}
     and g.publication_id = ${publicationId}
     ${older}
   order by g.sent_at desc, g.id desc
   limit ${limit}
  `);
}

/** Those that went out after this one, oldest first. */
export function listArchivedAfter(
  db: Db,
  publicationId: string,
  after: ArchivePosition,
  limit: number,
): Promise<ArchivedDigest[]> {
  return db.many<ArchivedDigest>(sql`
    ${archivedSelect}
     and g.publication_id = ${publicationId}
     and (g.sent_at, g.id) > (${after.sentAt}, ${after.id})
   order by g.sent_at, g.id
   limit ${limit}
  `);
}

export function findArchived(
  db: Db,
  publicationId: string,
  digestId: string,
): Promise<ArchivedDigest | undefined> {
  return db.maybe<ArchivedDigest>(sql`
    ${archivedSelect}
     and g.publication_id = ${publicationId}
     and g.id = ${digestId}
  `);
}
