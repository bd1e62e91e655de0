import type { Request } from 'express';
import { findRole, mayDo } from '../../../operators/permissions.js';
import type { Context } from '../../../platform/context.js';
import { findRequestSession } from '../sign-in/session.js';

/** Whether who asked for what is still being answered is signed in still, and may look at the publication still. */
export async function mayStillLook(
  context: Pick<Context, 'db' | 'now'>,
  req: Request<object>,
  publicationId: string,
): Promise<boolean> {
  const signedIn = await findRequestSession(context, req);
  if (signedIn === undefined) return false;
  const role = await findRole(context.db, signedIn.operator, publicationId);
  return role !== undefined && mayDo(role, 'look');
}
