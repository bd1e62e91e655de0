import express, { type Request, type Response, type Router } from 'express';
import {
  holdArticle,
  retractArticle,
  skipArticle,
  type ArticleDecision,
} from '../../../articles/release/decide-article.js';
import { findArticlePublication } from '../../../articles/reads.js';
import { releaseOrRestoreArticle } from '../../../deliveries/control/release-article.js';
import type { Context } from '../../../platform/context.js';
import { readForm } from '../../middleware/read-body.js';
import type { Previews } from '../digests/preview/previews.js';
import { asOperator } from '../frame/as-operator.js';
import { deskPath, publicationDeskOf } from '../frame/desk.js';
import { requireOwn } from '../frame/own-row.js';
import { addArticle, showAddForm } from './add-routes.js';
import { showArticleList } from './article-list.js';
import { showArticle } from './article-page.js';
import { saveCorrection, showCorrectForm } from './correct-routes.js';
import { showArticleMail } from './mail.js';

type Decide = (context: Pick<Context, 'db' | 'now' | 'actor'>, articleId: string) => Promise<ArticleDecision>;

/** What the buttons do: the same operations as those of the API and the command line. */
const DECISIONS: readonly { verb: string; decide: Decide; word: string }[] = [
  { verb: 'release', decide: releaseOrRestoreArticle, word: 'released' },
  { verb: 'skip', decide: skipArticle, word: 'skipped' },
  { verb: 'hold', decide: holdArticle, word: 'held' },
  { verb: 'retract', decide: retractArticle, word: 'retracted' },
];

/** Articles: their list, one of them, and what can be done with it. */
export function articleRoutes(previews: Previews): Router {
  const { context } = previews;
  const router = express.Router();
  router.get('/', (req, res) => showArticleList(context, req, res));
  router.get('/new', (_req, res) => showAddForm(context, res));
  router.post('/', (req, res) => addArticle(context, req, res));
  router.use('/:id', requireOwn(context, findArticlePublication));
  router.get('/:id', (req, res) => showArticle(context, req, res));
  router.get('/:id/mail', (req, res) => showArticleMail(previews, req, res));
  router.get('/:id/correct', (req, res) => showCorrectForm(context, req, res));
  router.post('/:id/correct', (req, res) => saveCorrection(context, req, res));
  for (const { verb, decide, word } of DECISIONS)
    router.post(`/:id/${verb}`, async (req: Request<{ id: string }>, res) => {
      await readForm(req, res);
      const decided = await decide(asOperator(context, res), req.params.id);
      return res.redirect(303, backPath(req, res, decided.kind === 'done' ? word : 'too-late'));
    });
  return router;
}

/** To the page that has the button: the article's own, the list, or the first page. */
function backPath(req: Request<{ id: string }>, res: Response, done: string): string {
  const path = deskPath(publicationDeskOf(res).publication);
  const { back } = (req.body ?? {}) as { back?: unknown };
  if (back === 'article') return `${path}/articles/${req.params.id}?done=${done}`;
  if (back === 'held' || back === 'waiting') return `${path}/articles?state=${back}&done=${done}`;
  return back === 'list' ? `${path}/articles?done=${done}` : `${path}?done=${done}`;
}
