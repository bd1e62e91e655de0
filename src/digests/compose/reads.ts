import type { Db, Tx } from '../../platform/db/database.js';
import { sql } from '../../platform/db/sql.js';
import type { Variant } from '../digest.js';

/** A list's mail, as it was sent; undefined before it was, and once it was deleted. */
export function findVariantMail(
  db: Db | Tx,
  id: string,
): Promise<{ subject: string; html: string; text: string; mime: Buffer } | undefined> {
  return db.maybe(sql`
    select subject, html, text, mime
      from variants
     where id = ${id}
       and num_nulls(subject, html, text, mime) = 0
  `);
}

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
