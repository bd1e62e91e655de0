import type { Context } from '../../platform/context.js';
import { enqueue } from '../../platform/jobs/outbox.js';
import { assignArticleNumbers } from '../../publications/article-numbers.js';
import { lockArticles } from '../writes.js';
import { lockDueForRelease, markReleased } from './writes.js';

/**
 * Releases the articles of a publication whose hold window is over: each gets its number, and planning of instant
 * digests is enqueued. A second run finds nothing.
 */
export function releaseDueArticles(
  { db, now }: Pick<Context, 'db' | 'now'>,
  publicationId: string,
): Promise<{ released: number }> {
  return db.transaction(async (tx) => {
    await lockArticles(tx, publicationId);
    const due = await lockDueForRelease(tx, publicationId, now());
    if (due.length === 0) return { released: 0 };
    const first = await assignArticleNumbers(tx, publicationId, due.length);
    if (first === undefined) return { released: 0 };
    const numbered = due.map(({ id }, index) => ({ id, seq: first + index }));
    await markReleased(tx, numbered, now());
    await enqueue(tx, 'plan-instant', { publicationId }, now());
    return { released: due.length };
  });
}
