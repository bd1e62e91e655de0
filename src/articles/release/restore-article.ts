import { recordActivity } from '../../operators/activity/record-activity.js';
import type { Context } from '../../platform/context.js';
import type { Tx } from '../../platform/db/database.js';
import { enqueue } from '../../platform/jobs/outbox.js';
import { lockArticles } from '../writes.js';
import type { ArticleDecision } from './decide-article.js';
import { findArticle } from '../reads.js';
import { resetForRelease, restoreReleased } from './writes.js';

/**
 * Brings back an article that was retracted after its release. A new number, so that everybody gets it, only where nobody
 * was mailed it; else it keeps the number it had, and nobody gets it twice.
 */
export async function restoreArticle(
  tx: Tx,
  context: Pick<Context, 'actor' | 'now'>,
  articleId: string,
  wasMailed: (article: { id: string; publicationId: string }) => Promise<boolean>,
): Promise<ArticleDecision> {
  const now = context.now();
  const article = await findArticle(tx, articleId);
  if (article?.state !== 'retracted') return { kind: 'too-late' };
  const { publicationId } = article;
  await lockArticles(tx, publicationId);
  const mailed = await wasMailed(article);
  const back = mailed ? await restoreReleased(tx, articleId) : await resetForRelease(tx, articleId, now);
  if (back === undefined) return { kind: 'too-late' };
  const after = { state: mailed ? 'released' : 'waiting' };
  await recordActivity(tx, context, { kind: 'article.restored', publicationId, subjectId: articleId, after });
  await enqueue(tx, mailed ? 'plan-instant' : 'release-articles', { publicationId }, now);
  return { kind: 'done', publicationId };
}
