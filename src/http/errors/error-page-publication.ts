import type { Context } from '../../platform/context.js';
import type { Publication } from '../../publications/publication.js';
import { findPublication, findPublicationBySlug } from '../../publications/reads.js';

const TOKEN_PAGES = new Set(['confirm', 'manage', 'unsubscribe', 'never', 'check-inbox']);
const SLUG = /^[a-z0-9][a-z0-9-]{0,62}$/;

/**
 * Whose colours and language an error page wears, by the address that was asked for: its first word, or what is left
 * readable of a token in it. Nothing else may be decided by it: a token's words are taken unproven here.
 * @returns undefined when it is nobody's, and when the database cannot tell: the error is to be answered all the same
 */
export async function findPublicationByUrl(
  { db, links }: Pick<Context, 'db' | 'links'>,
  address: string,
): Promise<Publication | undefined> {
  const [, word = '', token = ''] = (address.split('?')[0] ?? '').split('/');
  try {
    if (!TOKEN_PAGES.has(word)) return SLUG.test(word) ? await findPublicationBySlug(db, word) : undefined;
    const id = links.readUnverifiedScope(token);
    return id === undefined ? undefined : await findPublication(db, id);
  } catch {
    return undefined;
  }
}
