import { releaseArticle, type Decided } from '../articles/decide.js';
import { reinstate } from '../articles/reinstate.js';
import type { Context } from '../platform/context.js';
import { listListsWith } from './list-reads.js';

/** An operator lets an article go: one that is held or waits, at once; one that was retracted comes back. */
export async function letArticleGo(
  context: Pick<Context, 'db' | 'now'>,
  articleId: string,
): Promise<Decided> {
  const decided = await releaseArticle(context, articleId);
  if (decided.kind === 'done') return decided;
  return context.db.transaction((tx) =>
    reinstate(
      tx,
      articleId,
      async ({ id, publicationId }) => (await listListsWith(tx, publicationId, [id])).length > 0,
      context.now(),
    ),
  );
}
