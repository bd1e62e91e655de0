import { sql } from '../../../src/platform/db/sql.js';
import { READER_CHANGES } from '../../../src/subscribers/counts/reader-days.js';
import type { TestApp } from '../../support/test-app.js';

/** Lets the readers of a newsletter have come over three months, and not all today: a few on most days, and some left. */
export async function spreadReaders({ context: { db, now } }: TestApp, slug: string): Promise<void> {
  await db.run(sql`
    with days as (
      select day, (array[1, 0, 2, 0, 1, -1, 1, 0])[1 + day % 8] as joined
        from generate_series(6, 66) as day
    )
    insert into count_changes (name, owner_id, key, at, count)
    select ${READER_CHANGES}, p.id, array['pending', 'confirmed'], quarter_hour_of(${now()}::timestamptz - day * interval '1 day'), joined
      from days, publications p
     where p.slug = ${slug}
     union all
    select ${READER_CHANGES}, p.id, array['pending', 'confirmed'], quarter_hour_of(${now()}), -(select sum(joined) from days)
      from publications p
     where p.slug = ${slug}
  `);
}
