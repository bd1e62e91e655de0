import type { Request, Response } from 'express';
import { deskPath, publicationDeskOf } from '../frame/desk.js';

/**
 * Leads to the page of a form that was sent; to the five steps where it was sent from there.
 * @param page what follows the publication's path
 * @param done what the page says then, by its word
 */
export function leadBack(req: Request<object>, res: Response, page: string, done: string): void {
  const here = deskPath(publicationDeskOf(res).publication);
  const body = req.body as { back?: unknown } | undefined;
  res.redirect(303, `${here}${body?.back === 'set-up' ? '/set-up' : page}?done=${done}`);
}
