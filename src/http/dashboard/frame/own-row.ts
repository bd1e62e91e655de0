import type { Request, RequestHandler, Response } from 'express';
import { z } from 'zod';
import type { Context } from '../../../platform/context.js';
import type { FindPublicationOf } from '../../../platform/db/publication-finder.js';
import { sendError } from '../../errors/error-responses.js';
import { publicationDeskOf } from './desk.js';

/**
 * Answers 404 where the path's `:id` is not of the path's publication, as for an id that does not exist. It stands before
 * the handlers of such a path.
 */
export function requireOwn(
  context: Pick<Context, 'db' | 'templates'>,
  find: FindPublicationOf,
): RequestHandler<{ id: string }> {
  return async (req, res, next) => {
    const id = z.uuid().safeParse(req.params.id);
    const { publication } = publicationDeskOf(res);
    const found = id.success ? await find(context.db, [publication.id], id.data) : undefined;
    return found === undefined ? sendNotFound(context, req, res) : next();
  };
}

export function sendNotFound(context: Pick<Context, 'templates'>, req: Request<object>, res: Response): void {
  sendError(context, req as Request, res, { status: 404, page: 'notFound' });
}
