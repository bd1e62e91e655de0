import type { Db, Tx } from '../../platform/db/database.js';
import { sql } from '../../platform/db/sql.js';
import type { Variant } from '../digest.js';

/** With its message, once it was rendered. */
export function findVariant(
  db: Db | Tx,
  id: string,
): Promise<
  | (Pick<Variant, 'locale' | 'format' | 'withoutPictures' | 'articleIds'> & { mime: Buffer | null })
  | undefined
> {
  return db.maybe(sql`
    select locale, format, without_pictures, article_ids, mime
      from variants
     where id = ${id}
  `);
}
