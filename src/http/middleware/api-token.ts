import type { Request } from 'express';
import { authenticateToken } from '../../operators/authenticate-token.js';
import type { AuthenticatedToken } from '../../operators/reads.js';
import type { Context } from '../../platform/context.js';

/** The API token of `Authorization: Bearer pr_…`; undefined without one, or with one that is not valid. */
export async function findRequestToken(
  context: Pick<Context, 'db' | 'now'>,
  req: Request,
): Promise<AuthenticatedToken | undefined> {
  const secret = /^Bearer (pr_[\w-]{20,100})$/.exec(req.get('authorization') ?? '')?.[1];
  return secret === undefined ? undefined : authenticateToken(context, secret);
}
