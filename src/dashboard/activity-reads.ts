import type { DigestCadence } from '../digests/digest.js';
import type { Db } from '../platform/db/database.js';
import { sql } from '../platform/db/sql.js';

/** What a thing is called. A digest without a subject is called by its rhythm. */
export type SubjectName = { id: string } & (
  | { name: string; cadence: null; period: null }
  | { name: string | null; cadence: DigestCadence; period: string }
);

/** The names of those of these things that have one and are there. */
export async function findSubjectNames(db: Db, ids: readonly string[]): Promise<SubjectName[]> {
  if (ids.length === 0) return [];
  return db.many<SubjectName>(sql`
    with wanted as (
      select unnest(${[...ids]}::uuid[]) as id
    )
    select id, p.name, null as cadence, null as period
      from wanted join publications p using (id)
     union all
    select id, coalesce(f.title, f.url), null, null
      from wanted join feeds f using (id)
     union all
    select id, a.title, null, null
      from wanted join articles a using (id)
     union all
    select id, coalesce(o.name, o.email), null, null
      from wanted join operators o using (id)
     union all
    select id, t.name, null, null
      from wanted join api_tokens t using (id)
     union all
    select id,
           coalesce(g.subject, (select v.subject from variants v where v.digest_id = g.id and v.subject is not null limit 1)),
           g.cadence, g.period
      from wanted join digests g using (id)
  `);
}
