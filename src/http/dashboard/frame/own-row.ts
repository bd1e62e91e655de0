import type { Request, RequestHandler, Response } from 'express';
import { z } from 'zod';
import type { Context } from '../../../platform/context.js';
import type { Db } from '../../../platform/db/database.js';
import { sendError } from '../../errors/error-responses.js';
import { publicationDeskOf } from './desk.js';

/** Asks the database for a row by its id and its publication. */
export type IsOfPublication = (db: Db, publicationId: string, id: string) => Promise<boolean>;

/**
 * Answers 404 where the path's `:id` is not of the path's publication, as for an id that does not exist. It stands before
 * the handlers of such a path.
 */
export function requireOwn(
  context: Pick<Context, 'db' | 'templates'>,
  isOfPublication: IsOfPublication,
): RequestHandler<{ id: string }> {
  return async (req, res, next) => {
    const id = z.uuid().safeParse(req.params.id);
    const { publication } = publicationDeskOf(res);
    if (id.success && (await isOfPublication(context.db, publication.id, id.data))) return next();
    return sendNotFound(context, req, res);
  };
}

export function sendNotFound(context: Pick<Context, 'templates'>, req: Request<object>, res: Response): void {
  sendError(context, req as Request, res, { status: 404, page: 'notFound' });
}
