import { releaseArticle, type ArticleDecision } from '../../articles/release/decide-article.js';
import { restoreArticle } from '../../articles/release/restore-article.js';
import type { Context } from '../../platform/context.js';
import { listVariantsWithArticles } from '../reads.js';

/** An operator releases an article that is held or waits, or restores one that was retracted. */
export async function releaseOrRestoreArticle(
  context: Pick<Context, 'db' | 'now' | 'actor'>,
  articleId: string,
): Promise<ArticleDecision> {
  const decided = await releaseArticle(context, articleId);
  if (decided.kind === 'done') return decided;
  return context.db.transaction((tx) =>
    restoreArticle(
      tx,
      context,
      articleId,
      async ({ id, publicationId }) => (await listVariantsWithArticles(tx, publicationId, [id])).length > 0,
    ),
  );
}
