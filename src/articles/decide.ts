import type { Context } from '../platform/context.js';
import { enqueue } from '../platform/jobs/outbox.js';
import { holdWaiting, letGo, skipUnreleased } from './writes.js';

export type Decided = { kind: 'done'; publicationId: string } | { kind: 'too-late' };

/** An operator lets an article go now, past guards and hold window. */
export function releaseArticle(
  { db, now }: Pick<Context, 'db' | 'now'>,
  articleId: string,
): Promise<Decided> {
  return db.transaction(async (tx) => {
    const article = await letGo(tx, articleId, now());
    if (article === undefined) return { kind: 'too-late' };
    await enqueue(tx, 'release-articles', { publicationId: article.publicationId }, now());
    return { kind: 'done', publicationId: article.publicationId };
  });
}

/** An operator marks an article as already sent: nobody is mailed it. */
export async function skipArticle({ db }: Pick<Context, 'db'>, articleId: string): Promise<Decided> {
  const article = await db.transaction((tx) => skipUnreleased(tx, articleId));
  return article === undefined
    ? { kind: 'too-late' }
    : { kind: 'done', publicationId: article.publicationId };
}

/** An operator stops an article that is still in its hold window, until she decides. */
export async function holdArticle({ db }: Pick<Context, 'db'>, articleId: string): Promise<Decided> {
  const article = await db.transaction((tx) => holdWaiting(tx, articleId, 'An operator held it.'));
  return article === undefined
    ? { kind: 'too-late' }
    : { kind: 'done', publicationId: article.publicationId };
}
