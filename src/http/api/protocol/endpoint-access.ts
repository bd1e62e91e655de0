import { z } from 'zod';
import { mayDo, type Permission } from '../../../operators/permissions.js';
import type { AuthenticatedToken } from '../../../operators/reads.js';
import { readTokenRights, type TokenRights } from '../../../operators/token-rights.js';
import type { Db } from '../../../platform/db/database.js';
import type { FindPublicationOf } from '../../../platform/db/publication-finder.js';
import { findPublicationAmongBySlug, listPublicationIds } from '../../../publications/reads.js';
import { ApiProblem } from '../../errors/problem.js';
import type { Caller, EndpointInput } from './endpoint.js';

/** How a row that a path names by its id is found among those of some publications, and what is said where it is not. */
export type OwnedRow = {
  find: FindPublicationOf;
  code: string;
  detail: string;
};

/**
 * What the maker of a token needs for a request: to administer the whole server, or a permission at the publication that the
 * request is about. That is the one of the row whose id is in the path, or the one that the request names by id or slug: in its
 * path, its query or its body. One that names none is about `each` publication that the token reaches, or about the whole
 * server. What the token does not reach is 404, as what does not exist.
 */
export type EndpointAccess =
  | { need: 'administer' }
  | { need: Permission; of: OwnedRow }
  | { need: Permission; of: 'path' | 'query' | 'body'; unnamed?: 'each' | 'administer' };

/** @throws ApiProblem 404 for what the token does not reach, 403 for what its maker may not do there */
export async function checkAccess(
  db: Db,
  token: AuthenticatedToken,
  access: EndpointAccess | undefined,
  input: EndpointInput,
): Promise<Caller> {
  // An endpoint that nobody has said anything about is for nobody.
  if (access === undefined) throw mayNot();
  const rights = await readTokenRights(db, token, () => listPublicationIds(db));
  if (access.need === 'administer') {
    requireAdministrator(rights);
    return { publicationIds: [] };
  }
  const reached = [...rights.roles.keys()];
  const publicationIds = reached.filter((id) => mayAt(rights, id, access.need));
  const publicationId =
    typeof access.of === 'object'
      ? await requireRow(db, access.of, reached, input)
      : await requireNamed(db, reached, nameIn(access.of, input));
  if (publicationId === undefined && 'unnamed' in access && access.unnamed === 'administer')
    requireAdministrator(rights);
  if (publicationId !== undefined && !publicationIds.includes(publicationId)) throw mayNot();
  return { publicationIds, publicationId };
}

/**
 * Judges a request anew that was answered before: what it was about may be gone, but who asks must still be one who may.
 * @param publicationId which one it was about; null: several, or the whole server
 * @throws ApiProblem 404 for what the token does not reach any more, 403 for what its maker may not do there now
 */
export async function checkAccessAgain(
  db: Db,
  token: AuthenticatedToken,
  access: EndpointAccess | undefined,
  publicationId: string | null,
): Promise<void> {
  if (access === undefined) throw mayNot();
  const rights = await readTokenRights(db, token, () => listPublicationIds(db));
  const isOfServer = access.need === 'administer' || ('unnamed' in access && access.unnamed === 'administer');
  if (publicationId === null && isOfServer) return requireAdministrator(rights);
  if (publicationId === null || access.need === 'administer') return;
  if (!rights.roles.has(publicationId))
    throw new ApiProblem(404, 'not-found', 'What this was about is not there for this token.');
  if (!mayAt(rights, publicationId, access.need)) throw mayNot();
}

/** How a request names its publication. */
function nameIn(
  place: 'path' | 'query' | 'body',
  { params, query, body }: EndpointInput,
): string | undefined {
  if (place === 'path') return (params as { id: string }).id;
  return ((place === 'query' ? query : body) as { publication?: string }).publication;
}

async function requireRow(
  db: Db,
  { find, code, detail }: OwnedRow,
  reached: readonly string[],
  { params }: EndpointInput,
): Promise<string> {
  const found = await find(db, reached, (params as { id: string }).id);
  if (found === undefined) throw new ApiProblem(404, code, detail);
  return found.publicationId;
}

async function requireNamed(
  db: Db,
  reached: readonly string[],
  name: string | undefined,
): Promise<string | undefined> {
  if (name === undefined) return undefined;
  // Postgres writes ids in small letters, and takes them in capitals too.
  const id = z.uuid().safeParse(name).success
    ? reached.find((one) => one === name.toLowerCase())
    : (await findPublicationAmongBySlug(db, reached, name))?.id;
  if (id === undefined)
    throw new ApiProblem(404, 'no-such-publication', `There is no publication "${name}".`);
  return id;
}

function mayAt({ roles }: TokenRights, publicationId: string, permission: Permission): boolean {
  const role = roles.get(publicationId);
  return role !== undefined && mayDo(role, permission);
}

function requireAdministrator({ mayAdminister }: TokenRights): void {
  if (!mayAdminister) throw mayNot();
}

function mayNot(): ApiProblem {
  return new ApiProblem(
    403,
    'missing-right',
    'This token may not do that: it is bound to a publication, or whoever made it may not do that now. Nothing was changed.',
  );
}
