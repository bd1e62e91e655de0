import type { Context } from '../../platform/context.js';
import { findHold, listHeldArticles } from './reads.js';
import { lockArticles } from '../writes.js';
import { markSkipped, markDueNow } from './writes.js';
import type { Article } from '../article.js';
import type { Tx } from '../../platform/db/database.js';
import { enqueue } from '../../platform/jobs/outbox.js';

/** How many of the held articles to mail, the newest first; the others count as already sent. */
export type HoldChoice = 'all' | 'none' | number;

export type HoldDecision =
  | { kind: 'decided'; publicationId: string; released: number; skipped: number }
  /** All of its articles were released, skipped or taken back before. */
  | { kind: 'nothing-held'; publicationId: string }
  | { kind: 'unknown' };

/** An operator's one decision about all articles that a hold still holds. What is released skips hold rules and hold window. */
export function decideHold(
  { db, now }: Pick<Context, 'db' | 'now'>,
  holdId: string,
  choice: HoldChoice,
): Promise<HoldDecision> {
  return db.transaction(async (tx) => {
    const hold = await findHold(tx, holdId);
    if (hold === undefined) return { kind: 'unknown' };
    const { publicationId } = hold;
    await lockArticles(tx, publicationId);
    const held = await listHeldArticles(tx, holdId);
    if (held.length === 0) return { kind: 'nothing-held', publicationId };
    const chosen = chooseNewest(held, choice);
    const released = await releaseChosen(tx, publicationId, chosen, now());
    const others = held.filter((article) => !chosen.includes(article));
    const skipped = await markSkipped(
      tx,
      others.map(({ id }) => id),
    );
    return { kind: 'decided', publicationId, released, skipped: skipped.length };
  });
}

/** Newest first. */
function chooseNewest(held: readonly Article[], choice: HoldChoice): readonly Article[] {
  if (choice === 'all') return held;
  return held.slice(0, choice === 'none' ? 0 : choice);
}

async function releaseChosen(
  tx: Tx,
  publicationId: string,
  articles: readonly Article[],
  now: Date,
): Promise<number> {
  if (articles.length === 0) return 0;
  const gone = await markDueNow(
    tx,
    articles.map(({ id }) => id),
    now,
  );
  await enqueue(tx, 'release-articles', { publicationId }, now);
  return gone.length;
}
