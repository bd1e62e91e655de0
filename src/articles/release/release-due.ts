import { recordActivities } from '../../operators/activity/record-activity.js';
import { bySystem } from '../../platform/actor.js';
import type { Context } from '../../platform/context.js';
import type { Tx } from '../../platform/db/database.js';
import { workOnRows } from '../../platform/db/work-on-rows.js';
import { beginIsolatedRun } from '../../platform/jobs/isolated-run.js';
import { enqueue } from '../../platform/jobs/outbox.js';
import { assignArticleNumbers } from '../../publications/article-numbers.js';
import { lockArticles } from '../writes.js';
import { lockDueForRelease, markReleased } from './writes.js';

/**
 * Releases the articles of a publication whose hold window is over: each gets its number, and planning of instant
 * digests is enqueued. A second run finds nothing. An article that cannot be released goes on waiting, and is tried again later.
 */
export async function releaseDueArticles(
  context: Pick<Context, 'db' | 'log' | 'now'>,
  publicationId: string,
): Promise<{ released: number }> {
  const { db, now } = context;
  const run = await beginIsolatedRun(context, 'release-articles', { publicationId });
  const { results, failures } = await workOnRows(db, {
    lock: async (tx) => {
      await lockArticles(tx, publicationId);
      const due = await lockDueForRelease(tx, publicationId, now());
      return due.filter(({ id }) => !run.waiting.has(id));
    },
    work: (tx, articles) => releaseArticles(tx, publicationId, articles, now()),
  });
  for (const { row, error } of failures)
    await run.fail({ kind: 'article', rowId: row.id, publicationId }, error);
  await run.finish();
  return { released: results.reduce((sum, count) => sum + count, 0) };
}

/**
 * waiting -> released, in this order: each gets its number, and planning of instant digests is enqueued. The caller has locked
 * the publication's articles. None are released in an archived publication.
 */
export async function releaseArticles(
  tx: Tx,
  publicationId: string,
  articles: readonly { id: string }[],
  now: Date,
): Promise<number> {
  const first = await assignArticleNumbers(tx, publicationId, articles.length);
  if (first === undefined) return 0;
  const numbered = articles.map(({ id }, index) => ({ id, seq: first + index }));
  await markReleased(tx, numbered, now);
  const changes = numbered.map(({ id, seq }) => ({
    kind: 'article.released' as const,
    publicationId,
    subjectId: id,
    after: { number: seq },
  }));
  await recordActivities(tx, bySystem(now), changes);
  await enqueue(tx, 'plan-instant', { publicationId }, now);
  return articles.length;
}
