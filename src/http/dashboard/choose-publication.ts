import type { Context } from '../../platform/context.js';
import { findPublicationByAnySlug, listPublications } from '../../publications/reads.js';
import type { Publication } from '../../publications/publication.js';

/** The publication that a page of operators names in its address or form; the first where it names none. */
export async function choosePublication(
  { db }: Pick<Context, 'db'>,
  slug: unknown,
): Promise<Publication | undefined> {
  return typeof slug === 'string'
    ? await findPublicationByAnySlug(db, slug)
    : (await listPublications(db))[0];
}
