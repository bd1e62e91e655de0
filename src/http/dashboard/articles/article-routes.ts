import express, { type Request, type Router } from 'express';
import { releaseArticle, skipArticle } from '../../../articles/release/decide-article.js';
import { isArticleOfPublication } from '../../../articles/reads.js';
import type { Context } from '../../../platform/context.js';
import { readForm } from '../../middleware/read-body.js';
import { asOperator } from '../frame/as-operator.js';
import { deskPath, publicationDeskOf } from '../frame/desk.js';
import { requireOwn } from '../frame/own-row.js';

/** The buttons beside an article that waits or is held. */
export function articleRoutes(context: Pick<Context, 'db' | 'now' | 'templates'>): Router {
  const router = express.Router();
  router.use('/:id', requireOwn(context, isArticleOfPublication));
  const decisions = [
    { verb: 'release', decide: releaseArticle, word: 'released' },
    { verb: 'skip', decide: skipArticle, word: 'skipped' },
  ];
  for (const { verb, decide, word } of decisions)
    router.post(`/:id/${verb}`, async (req: Request<{ id: string }>, res) => {
      await readForm(req, res);
      const { publication } = publicationDeskOf(res);
      const decided = await decide(asOperator(context, res), req.params.id);
      const done = decided.kind === 'done' ? word : 'too-late';
      return res.redirect(303, `${deskPath(publication)}?done=${done}`);
    });
  return router;
}

export const articleFlashes: Record<string, string> = {
  released:
    'The article is released. Instant readers are mailed it at once, the others with their next digest.',
  skipped: 'The article counts as already sent. Nobody is mailed it.',
  'too-late': 'That article was already released or skipped. Nothing was changed.',
};
