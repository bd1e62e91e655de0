import type { Context } from '../../platform/context.js';
import type { Tx } from '../../platform/db/database.js';
import { enqueue } from '../../platform/jobs/outbox.js';
import type { Article } from '../article.js';
import { lockArticles } from '../writes.js';
import { findHold, listHeldArticles } from './hold-reads.js';
import { holdWaitingArticle, insertHold, lockWaitingArticle } from './hold-writes.js';
import { markDueNow, markSkipped } from './writes.js';

export type ArticleDecision = { kind: 'done'; publicationId: string } | { kind: 'too-late' };

/** An operator lets an article go now, past guards and hold window. */
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

/** An operator marks an article as already sent: nobody is mailed it. */
export async function skipArticle({ db }: Pick<Context, 'db'>, articleId: string): Promise<ArticleDecision> {
  const [article] = await db.transaction((tx) => markSkipped(tx, [articleId]));
  return article === undefined
    ? { kind: 'too-late' }
    : { kind: 'done', publicationId: article.publicationId };
}

const BY_HAND_REASON = 'An operator held it.';

/** An operator stops an article that is still in its hold window, until she decides. */
export function holdArticle(
  { db, now }: Pick<Context, 'db' | 'now'>,
  articleId: string,
): Promise<ArticleDecision> {
  return db.transaction(async (tx) => {
    const article = await lockWaitingArticle(tx, articleId);
    if (article === undefined) return { kind: 'too-late' };
    const { id } = await insertHold(tx, { ...article, code: 'by-hand', reason: BY_HAND_REASON }, now());
    await holdWaitingArticle(tx, articleId, { id, reason: BY_HAND_REASON });
    return { kind: 'done', publicationId: article.publicationId };
  });
}

/** How many of the held articles to mail, the newest first; the others count as already sent. */
export type HoldChoice = 'all' | 'none' | number;

export type HoldDecision =
  | { kind: 'decided'; publicationId: string; released: number; skipped: number }
  /** All of its articles were released, skipped or taken back before. */
  | { kind: 'nothing-held'; publicationId: string }
  | { kind: 'unknown' };

/** An operator decides once on all that a hold still holds. Her word passes the guards and the hold window. */
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
