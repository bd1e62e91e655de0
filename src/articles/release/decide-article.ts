import { recordActivity } from '../../operators/activity/record-activity.js';
import type { Context } from '../../platform/context.js';
import type { Tx } from '../../platform/db/database.js';
import { enqueue } from '../../platform/jobs/outbox.js';
import { holdWaitingArticle, insertHold, lockWaitingArticle } from './hold-writes.js';
import { markDueNow, markRetracted, markSkipped, skipWaitingPublishedBefore } from './writes.js';

export type ArticleDecision = { kind: 'done'; publicationId: string } | { kind: 'too-late' };

type DecisionContext = Pick<Context, 'db' | 'now' | 'actor'>;

/** Makes an article due, past hold rules and hold window; the job that this enqueues gives it its number. */
export function releaseArticle(context: DecisionContext, articleId: string): Promise<ArticleDecision> {
  const { db, now } = context;
  return db.transaction(async (tx) => {
    const [article] = await markDueNow(tx, [articleId], now());
    if (article === undefined) return { kind: 'too-late' };
    const { publicationId } = article;
    await recordActivity(tx, context, { kind: 'article.approved', publicationId, subjectId: articleId });
    await enqueue(tx, 'release-articles', { publicationId }, now());
    return { kind: 'done', publicationId };
  });
}

/** Marks an article as already sent: nobody is mailed it. */
export function skipArticle(context: DecisionContext, articleId: string): Promise<ArticleDecision> {
  return context.db.transaction(async (tx) => {
    const [article] = await markSkipped(tx, [articleId]);
    if (article === undefined) return { kind: 'too-late' };
    const { publicationId } = article;
    await recordActivity(tx, context, { kind: 'article.skipped', publicationId, subjectId: articleId });
    return { kind: 'done', publicationId };
  });
}

const ONE_ITEM = { newItems: 1, totalItems: 1, heldItems: 1 };

/** An operator stops an article that is still in its hold window, until the operator decides. */
export function holdArticle(context: DecisionContext, articleId: string): Promise<ArticleDecision> {
  const { db, now } = context;
  return db.transaction(async (tx) => {
    const article = await lockWaitingArticle(tx, articleId);
    if (article === undefined) return { kind: 'too-late' };
    const { id: holdId } = await insertHold(tx, { ...article, code: 'by-hand', ...ONE_ITEM }, now());
    await holdWaitingArticle(tx, articleId, holdId);
    const { publicationId } = article;
    const after = { reason: 'by-hand', holdId };
    await recordActivity(tx, context, { kind: 'article.held', publicationId, subjectId: articleId, after });
    return { kind: 'done', publicationId };
  });
}

/** Takes an article back for good: a reader who has not been planned for it never gets it. */
export function retractArticle(context: DecisionContext, articleId: string): Promise<ArticleDecision> {
  return context.db.transaction(async (tx) => {
    const article = await markRetracted(tx, articleId);
    if (article === undefined) return { kind: 'too-late' };
    const { publicationId, previousState: state } = article;
    const change = { kind: 'article.retracted', publicationId, subjectId: articleId } as const;
    await recordActivity(tx, context, { ...change, before: { state } });
    return { kind: 'done', publicationId };
  });
}

/** Marks all that waits and is published by now as already sent. */
export async function skipPublishedWaiting(tx: Tx, now: Date): Promise<void> {
  await skipWaitingPublishedBefore(tx, now);
}
