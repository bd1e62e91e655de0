import type { Request, Response } from 'express';
import { ARTICLE_TRANSITIONS, type ArticleOperation } from '../../../articles/transitions.js';
import { statesBefore } from '../../../platform/db/transitions.js';
import { readArticleDetails, type ArticleDetails } from '../../../dashboard/article-details.js';
import type { Context } from '../../../platform/context.js';
import { formatDateTime, formatWeekdayTime } from '../../../platform/text/format-dates.js';
import type { TemplateData } from '../../../platform/templates/templates.js';
import type { Publication } from '../../../publications/publication.js';
import { publicationDeskOf, sendDeskPage } from '../frame/desk.js';
import { findFlash } from '../frame/flash.js';
import { sendNotFound } from '../frame/own-row.js';
import {
  ARTICLE_STATES,
  articleFlashes,
  describeArticle,
  describeReach,
  explainArticle,
} from './article-words.js';

type PageContext = Pick<Context, 'db' | 'now' | 'templates'>;

/** One article: its state, what can be done with it, what the mail shows, and where it came from. */
export async function showArticle(
  context: PageContext,
  req: Request<{ id: string }>,
  res: Response,
): Promise<void> {
  const article = await readArticleDetails(context, req.params.id);
  if (article === undefined) return sendNotFound(context, req, res);
  const { publication } = publicationDeskOf(res);
  return sendDeskPage(context, res, 'dashboard-article', {
    flash: findFlash(articleFlashes, req.query['done']),
    ...describePage(context, publication, article),
  });
}

function describePage(
  { now, templates }: PageContext,
  publication: Publication,
  article: ArticleDetails,
): TemplateData {
  const { id, title, url, state, holdId, heldTogether, feed, authors, categories, readers, digests } =
    article;
  const { timezone } = publication;
  const formatLong = (moment: Date) => formatDateTime(moment, timezone, 'en');
  const times = { now: now(), formatTime: (moment: Date) => formatWeekdayTime(moment, timezone, 'en') };
  return {
    article: { id, title, url, state, authors, categories, feed, digests },
    icon: ARTICLE_STATES[state].icon,
    sentence: describeArticle(article, times),
    explanation: [
      ...explainArticle(article, publication, templates.operatorWords),
      ...(readers === undefined ? [] : [describeReach(readers)]),
    ],
    hold: heldTogether > 1 ? { id: holdId, count: heldTogether } : null,
    can: mayDo(article),
    dates: [
      ...(article.publishedAt === null
        ? []
        : [{ label: 'Published', date: formatLong(article.publishedAt) }]),
      { label: 'First seen', date: formatLong(article.firstSeenAt) },
      ...(article.updatedAt === null ? [] : [{ label: 'Changed', date: formatLong(article.updatedAt) }]),
    ],
  };
}

/** What the operations allow in its state (see `transitions.ts`). */
function mayDo({ state, retraction }: ArticleDetails) {
  const allows = (...operations: ArticleOperation[]) =>
    operations.some((by) => statesBefore(ARTICLE_TRANSITIONS, by).includes(state));
  return {
    release: allows('release-now', 'restore'),
    hold: allows('hold'),
    skip: allows('skip'),
    // What an operator took back stays so; what had only vanished from its feed can be.
    retract: allows('retract') && (state !== 'retracted' || retraction === 'vanished'),
    correct: state !== 'retracted',
  };
}
