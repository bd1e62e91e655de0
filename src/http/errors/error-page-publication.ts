import type { Context } from '../../platform/context.js';
import type { Publication } from '../../publications/publication.js';
import {
  findPublication,
  findPublicationByAnySlug,
  findPublicationByNumber,
} from '../../publications/reads.js';

const TOKEN_PAGES = new Set(['confirm', 'manage', 'unsubscribe', 'never', 'check-inbox']);
const SLUG = /^[a-z0-9][a-z0-9-]{0,62}$/;

/**
 * The publication whose colours and language an error page has, by the requested URL: its first path segment, or the scope
 * of a token in it. The token is not verified, so nothing else may be decided by the result.
 * @returns undefined for no publication, also when the database cannot be reached: the error page is sent all the same
 */
export async function findPublicationByUrl(
  { db, links }: Pick<Context, 'db' | 'links'>,
  address: string,
): Promise<Publication | undefined> {
  const [, word = '', token = ''] = (address.split('?')[0] ?? '').split('/');
  try {
    if (!TOKEN_PAGES.has(word)) return SLUG.test(word) ? await findPublicationByAnySlug(db, word) : undefined;
    const number = links.readUnverifiedNumber(token);
    if (number !== undefined) return await findPublicationByNumber(db, number);
    const id = links.readUnverifiedScope(token);
    return id === undefined ? undefined : await findPublication(db, id);
  } catch {
    return undefined;
  }
}
