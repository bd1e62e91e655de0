import { recordActivities } from '../../operators/activity/record-activity.js';
import type { Context } from '../../platform/context.js';
import { findHold, listHeldArticles } from './reads.js';
import { lockArticles } from '../writes.js';
import { markSkipped, markDueNow } from './writes.js';
import type { Article } from '../article.js';
import type { ArticleHold } from './hold.js';
import type { Tx } from '../../platform/db/database.js';
import { workOnRows } from '../../platform/db/work-on-rows.js';
import { deleteFailedRows } from '../../platform/jobs/failed-rows.js';
import { recordFailedRow } from '../../platform/jobs/isolated-run.js';
import { enqueue } from '../../platform/jobs/outbox.js';

/** How many of the held articles to mail, the newest first; the others count as already sent. */
export type HoldChoice = 'all' | 'none' | number;

export type HoldDecision =
  /** `failed`: how many could not be changed and are still held; absent when none. */
  | { kind: 'decided'; publicationId: string; released: number; skipped: number; failed?: number }
  /** All of its articles were released, skipped or taken back before. */
  | { kind: 'nothing-held'; publicationId: string }
  | { kind: 'unknown' };

/**
 * An operator's one decision about all articles that a hold still holds. What is released skips hold rules and hold window.
 * An article that cannot be changed stays held, and can be decided on again.
 */
export async function decideHold(
  context: Pick<Context, 'db' | 'log' | 'now' | 'actor'>,
  holdId: string,
  choice: HoldChoice,
): Promise<HoldDecision> {
  const { db } = context;
  const hold = await findHold(db, holdId);
  if (hold === undefined) return { kind: 'unknown' };
  const { publicationId } = hold;
  let chosen: ReadonlySet<string> | undefined;
  const { rows, results, failures } = await workOnRows(db, {
    lock: async (tx) => {
      await lockArticles(tx, publicationId);
      const held = await listHeldArticles(tx, holdId);
      chosen ??= new Set(chooseNewest(held, choice).map(({ id }) => id));
      return held;
    },
    work: (tx, articles) => decide(tx, context, hold, articles, chosen ?? new Set()),
  });
  if (rows.length === 0) return { kind: 'nothing-held', publicationId };
  for (const { row, error } of failures)
    await recordFailedRow(context, 'decide-hold', { kind: 'article', rowId: row.id, publicationId }, error);
  await deleteFailedRows(
    db,
    'decide-hold',
    results.flatMap(({ ids }) => ids),
  );
  const released = results.reduce((sum, part) => sum + part.released, 0);
  const skipped = results.reduce((sum, part) => sum + part.skipped, 0);
  const failed = failures.length > 0 ? { failed: failures.length } : {};
  return { kind: 'decided', publicationId, released, skipped, ...failed };
}

async function decide(
  tx: Tx,
  context: Pick<Context, 'actor' | 'now'>,
  { id: holdId, publicationId }: Pick<ArticleHold, 'id' | 'publicationId'>,
  articles: readonly Article[],
  chosen: ReadonlySet<string>,
): Promise<{ ids: string[]; released: number; skipped: number }> {
  const ids = articles.map(({ id }) => id);
  const wanted = ids.filter((id) => chosen.has(id));
  const approved = await releaseChosen(tx, publicationId, wanted, context.now());
  const skipped = await markSkipped(
    tx,
    ids.filter((id) => !chosen.has(id)),
  );
  const counts = { released: approved.length, skipped: skipped.length };
  await recordActivities(tx, context, [
    { kind: 'article-hold.decided', publicationId, subjectId: holdId, after: counts },
    ...approved.map(({ id }) => ({ kind: 'article.approved', publicationId, subjectId: id }) as const),
    ...skipped.map(({ id }) => ({ kind: 'article.skipped', publicationId, subjectId: id }) as const),
  ]);
  return { ids, ...counts };
}

/** Newest first. */
function chooseNewest(held: readonly Article[], choice: HoldChoice): readonly Article[] {
  if (choice === 'all') return held;
  return held.slice(0, choice === 'none' ? 0 : choice);
}

async function releaseChosen(
  tx: Tx,
  publicationId: string,
  ids: readonly string[],
  now: Date,
): Promise<{ id: string }[]> {
  if (ids.length === 0) return [];
  const approved = await markDueNow(tx, ids, now);
  await enqueue(tx, 'release-articles', { publicationId }, now);
  return approved;
}
