import type { Context } from '../platform/context.js';
import type { Publication } from '../publications/publication.js';
import { findPublicationByAnySlug, listPublications } from '../publications/reads.js';
import { CliError } from './cli-error.js';

/** The publication that a command names by slug; without a slug, the only one there is. */
export async function choosePublication(
  { db }: Pick<Context, 'db'>,
  slug: string | undefined,
): Promise<Publication> {
  if (slug !== undefined) {
    const named = await findPublicationByAnySlug(db, slug);
    if (named === undefined) throw new CliError(`There is no publication "${slug}". Nothing was changed.`);
    return named;
  }
  const [only, ...others] = await listPublications(db);
  if (only === undefined) {
    throw new CliError('There is no publication yet. Make one with: paperround publication create --help');
  }
  if (others.length > 0) {
    const slugs = [only, ...others].map((publication) => publication.slug).join(', ');
    throw new CliError(`There are several publications (${slugs}). Say which with --publication SLUG.`, 2);
  }
  return only;
}
