import { recordActivities } from '../../operators/activity/record-activity.js';
import { bySystem } from '../../platform/actor.js';
import type { Tx } from '../../platform/db/database.js';
import { enqueue } from '../../platform/jobs/outbox.js';
import { findPublication } from '../../publications/reads.js';
import type { HoldCode } from '../article.js';
import { findContentHold } from './content-hold.js';
import { isTooFarAhead, isTooOld } from './hold.js';
import { insertHold } from './hold-writes.js';
import { isNeverEmailed, skipNeverEmailed } from './never-emailed.js';
import { lockUndecided, moveToHold, moveToWaiting, uncover, type UndecidedArticle } from './judge-writes.js';

/** An article that was changed. */
export type ChangedArticle = {
  id: string;
  /** As its feed tells it; absent: its words are looked at. */
  isProtected?: boolean;
  /** It has another page than before. */
  hasNewUrl: boolean;
};

/** Reasons that no change of one article takes away: they are an operator's, or about the arrival. */
const LASTING: ReadonlySet<HoldCode> = new Set(['by-hand', 'flood', 'ids-changed', 'replaced']);

/**
 * Judges articles again that were changed before they were released. One whose reason is gone waits as if it had never been
 * held; one that has another reason now is held for that. What an operator held or let go stays as it is.
 */
export async function judgeAgain(
  tx: Tx,
  publicationId: string,
  changed: readonly ChangedArticle[],
  now: Date,
): Promise<void> {
  if (changed.length === 0) return;
  const byId = new Map(changed.map((one) => [one.id, one]));
  const locked = await lockUndecided(tx, publicationId, [...byId.keys()]);
  const publication = await findPublication(tx, publicationId);
  const isNever = (article: UndecidedArticle) =>
    publication !== undefined && !isLetGo(article, now) && isNeverEmailed(article.categories, publication);
  await skipNeverEmailed(
    tx,
    publicationId,
    locked.filter(isNever).map(({ id }) => id),
    now,
  );
  const undecided = locked.filter((article) => !isNever(article));
  const judged = undecided
    .map((article) => ({ article, code: judge(article, byId.get(article.id), now) }))
    .filter(({ article, code }) => code !== article.code);
  if (judged.length === 0) return;
  await uncover(
    tx,
    judged.map(({ article }) => article.id),
  );
  await holdAgain(tx, publicationId, judged, now);
  const freed = judged.filter(({ code }) => code === null).map(({ article }) => article);
  if (freed.length === 0) return;
  const free = freed.map((article) => ({ id: article.id, releaseAt: releaseTimeOf(article, now) }));
  await moveToWaiting(tx, free);
  const changes = freed.map(({ id, code }) => ({
    kind: 'article.freed' as const,
    publicationId,
    subjectId: id,
    before: { reason: code ?? '' },
  }));
  await recordActivities(tx, bySystem(now), changes);
  if (free.some(({ releaseAt }) => releaseAt <= now))
    await enqueue(tx, 'release-articles', { publicationId }, now);
}

/** One that is due was let go: by an operator, or by its hold window. */
function isLetGo({ code, releaseAt }: UndecidedArticle, now: Date): boolean {
  return code === null && releaseAt <= now;
}

function judge(article: UndecidedArticle, change: ChangedArticle | undefined, now: Date): HoldCode | null {
  const { code, publishedAt } = article;
  const isDecided = code === null ? isLetGo(article, now) : LASTING.has(code);
  if (isDecided) return code;
  const content =
    change?.isProtected === undefined ? article : { ...article, isProtected: change.isProtected };
  const found = findContentHold(content, article.isTitleTaken) ?? null;
  if (found === 'protected') return found;
  // What waits passed the rules: a title that somebody else has taken since is no reason to stop it.
  if (code === null && found === 'same-title') return code;
  if (code === 'old' && isTooOld(publishedAt, now)) return code;
  if (code === 'scheduled' && isTooFarAhead(publishedAt, now)) return code;
  if (code === 'same-address' && change?.hasNewUrl !== true && found !== 'empty') return code;
  return found;
}

/** One hold for all that are held for the same reason now; what is judged together comes from one feed. */
async function holdAgain(
  tx: Tx,
  publicationId: string,
  judged: readonly { article: UndecidedArticle; code: HoldCode | null }[],
  now: Date,
): Promise<void> {
  for (const code of new Set(judged.flatMap((one) => one.code ?? []))) {
    const articles = judged.filter((one) => one.code === code).map(({ article }) => article);
    const feedId = articles[0]?.feedId ?? null;
    const size = { newItems: articles.length, totalItems: articles.length, heldItems: articles.length };
    const { id: holdId } = await insertHold(tx, { publicationId, feedId, code, ...size }, now);
    const ids = articles.map((article) => article.id);
    await moveToHold(tx, ids, holdId);
    const after = { reason: code, holdId };
    const changes = ids.map((id) => ({
      kind: 'article.held' as const,
      publicationId,
      subjectId: id,
      after,
    }));
    await recordActivities(tx, bySystem(now), changes);
  }
}

/** Its hold window counts from its arrival, as that of others; it waits for its own date. */
function releaseTimeOf({ releaseAt, publishedAt }: UndecidedArticle, now: Date): Date {
  return new Date(Math.max(releaseAt.getTime(), publishedAt?.getTime() ?? 0, now.getTime()));
}
