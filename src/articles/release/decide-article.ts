import type { Context } from '../../platform/context.js';
import type { Tx } from '../../platform/db/database.js';
import { enqueue } from '../../platform/jobs/outbox.js';
import { holdWaitingArticle, insertHold, lockWaitingArticle } from './hold-writes.js';
import { markDueNow, markRetracted, markSkipped, skipWaitingPublishedBefore } from './writes.js';

export type ArticleDecision = { kind: 'done'; publicationId: string } | { kind: 'too-late' };

/** Makes an article due, past hold rules and hold window; the job that this enqueues gives it its number. */
export function releaseArticle(
  { db, now }: Pick<Context, 'db' | 'now'>,
  articleId: string,
): Promise<ArticleDecision> {
  return db.transaction(async (tx) => {
    const [article] = await markDueNow(tx, [articleId], now());
    if (article === undefined) return { kind: 'too-late' };
    await enqueue(tx, 'release-articles', { publicationId: article.publicationId }, now());
    return { kind: 'done', publicationId: article.publicationId };
  });
}

/** Marks an article as already sent: nobody is mailed it. */
export async function skipArticle({ db }: Pick<Context, 'db'>, articleId: string): Promise<ArticleDecision> {
  const [article] = await db.transaction((tx) => markSkipped(tx, [articleId]));
  return article === undefined
    ? { kind: 'too-late' }
    : { kind: 'done', publicationId: article.publicationId };
}

const ONE_ITEM = { newItems: 1, totalItems: 1, heldItems: 1 };

/** An operator stops an article that is still in its hold window, until the operator decides. */
export function holdArticle(
  { db, now }: Pick<Context, 'db' | 'now'>,
  articleId: string,
): Promise<ArticleDecision> {
  return db.transaction(async (tx) => {
    const article = await lockWaitingArticle(tx, articleId);
    if (article === undefined) return { kind: 'too-late' };
    const { id } = await insertHold(tx, { ...article, code: 'by-hand', ...ONE_ITEM }, now());
    await holdWaitingArticle(tx, articleId, id);
    return { kind: 'done', publicationId: article.publicationId };
  });
}

/** Takes an article back for good: a reader who has not been planned for it never gets it. */
export async function retractArticle({ db }: Pick<Context, 'db'>, articleId: string): Promise<void> {
  await db.transaction((tx) => markRetracted(tx, articleId));
}

/** Marks all that waits and is published by now as already sent. */
export async function skipPublishedWaiting(tx: Tx, now: Date): Promise<void> {
  await skipWaitingPublishedBefore(tx, now);
}
