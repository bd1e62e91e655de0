import type { Request, Response } from 'express';
import type { Article } from '../../../articles/article.js';
import { findArticle } from '../../../articles/reads.js';
import { correctArticle, type ArticleCorrection } from '../../../articles/release/correct-article.js';
import type { Context } from '../../../platform/context.js';
import { readDeskForm } from '../../middleware/read-body.js';
import { asOperator } from '../frame/as-operator.js';
import { deskPath, publicationDeskOf, sendDeskPage } from '../frame/desk.js';
import { sendNotFound } from '../frame/own-row.js';
import { parseAll, shown } from './add-routes.js';
import {
  fieldsOf,
  LABELS,
  MAX_CONTENT_CHARS,
  seenMark,
  typedFields,
  type FormField,
  type ShownField,
} from './article-form.js';

type CorrectContext = Pick<Context, 'db' | 'now' | 'templates'>;
type ArticleRequest = Request<{ id: string }>;

/** The form that corrects an article. */
export async function showCorrectForm(
  context: CorrectContext,
  req: ArticleRequest,
  res: Response,
): Promise<void> {
  const article = await findArticle(context.db, req.params.id);
  if (article === undefined || article.state === 'retracted') return sendNotFound(context, req, res);
  return showForm(context, res, article, shown(editable(article), {}));
}

/** Of two people who correct an article the second sees what the first did, and loses nothing. */
export async function saveCorrection(
  context: CorrectContext,
  req: ArticleRequest,
  res: Response,
): Promise<void> {
  await readDeskForm(req, res);
  const article = await findArticle(context.db, req.params.id);
  if (article === undefined) return sendNotFound(context, req, res);
  const path = `${deskPath(publicationDeskOf(res).publication)}/articles/${article.id}`;
  if (article.state === 'retracted') return res.redirect(303, `${path}?done=too-late`);
  const now = editable(article);
  const { changed, mistakes } = compare(typedFields(req.body), now, req.body);
  const typed = { ...now, ...changed };
  const parsed = parseAll(changed);
  const wrong = { ...mistakes, ...parsed.mistakes };
  if (Object.keys(wrong).length > 0)
    return showForm(context, res.status(422), article, shown(typed, wrong, now));
  if (Object.keys(changed).length === 0) return res.redirect(303, `${path}?done=unchanged`);
  const done = await correctArticle(asOperator(context, res), article.id, correctionOf(parsed.values));
  return res.redirect(303, `${path}?done=${done === undefined ? 'too-late' : 'corrected'}`);
}

/** Without its text where that is too long for a form. */
function editable(article: Article): Partial<Record<FormField, string>> {
  const { content, ...rest } = fieldsOf(article);
  return content.length > MAX_CONTENT_CHARS ? rest : { ...rest, content };
}

/** What somebody typed over what the page had shown; a mistake where another has changed the same meanwhile. */
function compare(
  typed: Partial<Record<FormField, string>>,
  now: Partial<Record<FormField, string>>,
  body: unknown,
): { changed: Partial<Record<FormField, string>>; mistakes: Partial<Record<FormField, string>> } {
  const seen = (body ?? {}) as Record<string, unknown>;
  const changed: Partial<Record<FormField, string>> = {};
  const mistakes: Partial<Record<FormField, string>> = {};
  for (const [name, text] of Object.entries(typed) as [FormField, string][]) {
    const current = now[name];
    const mark = seenMark(text);
    if (current === undefined || mark === seen[`seen.${name}`] || mark === seenMark(current)) continue;
    changed[name] = text;
    if (seenMark(current) !== seen[`seen.${name}`])
      mistakes[name] =
        `Somebody has changed ${LABELS[name].toLowerCase()} meanwhile, to “${current.slice(0, 200)}”. What you typed is kept: save once more to put it in its place.`;
  }
  return { changed, mistakes };
}

/** An empty field takes away what was there; lists become empty. */
function correctionOf(values: Partial<Record<FormField, unknown>>): ArticleCorrection {
  const emptied = { url: null, image: null, summary: '', content: '', authors: [], categories: [] };
  return Object.fromEntries(
    Object.entries(values).map(([name, value]) => [name, value ?? emptied[name as keyof typeof emptied]]),
  );
}

function showForm(
  context: CorrectContext,
  res: Response,
  { id, title, contentHtml }: Article,
  fields: readonly ShownField[],
): void {
  return sendDeskPage(context, res, 'dashboard-article-correct', {
    article: { id, title },
    fields,
    isTooLong: contentHtml.length > MAX_CONTENT_CHARS,
  });
}
