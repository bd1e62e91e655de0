import { randomUUID } from 'node:crypto';
import { recordActivity } from '../../operators/activity/record-activity.js';
import { MINUTE_MS } from '../../platform/durations.js';
import type { Context } from '../../platform/context.js';
import type { Tx } from '../../platform/db/database.js';
import { enqueue } from '../../platform/jobs/outbox.js';
import type { Publication } from '../../publications/publication.js';
import { lockArticles } from '../writes.js';
import { cleanLine } from '../clean/clean-text.js';
import { excerpt, MAX_SUMMARY_CHARS } from '../clean/excerpt.js';
import type { FeedItem } from '../parse/feed-item.js';
import { findByKeys, listMailedTitles } from './reads.js';
import { identityKeysOf, type IdentityKey } from '../parse/identity-keys.js';
import { releaseArticles } from '../release/release-due.js';
import { insertIdentityKeys } from './writes.js';
import { findContentHold } from '../release/content-hold.js';
import { isNeverEmailed } from '../release/never-emailed.js';
import { looksProtected } from '../clean/protected-post.js';
import { toJudged } from './hold-rules.js';
import type { HoldCode } from '../article.js';
import { matchItems } from './match-items.js';
import { sanitiseHtml } from '../clean/sanitise.js';
import { insertArticles } from './insert-articles.js';
import type { KnownItem, NewArticle } from './items.js';

export type PushedArticle = {
  /** The publisher's own id; its address when absent. */
  externalId?: string | undefined;
  url?: string | undefined;
  title: string;
  summary?: string | undefined;
  /** HTML; sanitised here. */
  content?: string | undefined;
  authors?: string[];
  image?: string | undefined;
  categories?: string[];
  publishedAt?: Date | undefined;
  /** Release it at once, past hold rules and hold window. */
  release?: boolean | undefined;
};

/** `held` says why an operator has to let it go first; `isReleased`: as was asked for. */
export type PushResult =
  | { kind: 'added'; id: string; releaseAt: Date; held?: HoldCode; isReleased?: true; isNeverEmailed?: true }
  | { kind: 'known'; id: string };

/**
 * Adds one article by hand or by API. It waits out the publication's hold window, and for its own date, then goes to whom
 * it is due, unless it is to be released at once. One without text, with a title that was mailed before, or that looks
 * password-protected, is held, and one in a category that is never emailed counts as sent. One that the publication has already, under any of its keys, is known: it gets the new keys and
 * nothing else.
 */
export function pushArticle(
  context: Pick<Context, 'db' | 'now' | 'actor'>,
  publication: Publication,
  article: PushedArticle,
): Promise<PushResult> {
  const { db, now, actor } = context;
  const at = now();
  const pusher = { actor, now: () => at };
  const item = toFeedItem(article, at);
  const releaseAt = laterDate(new Date(at.getTime() + publication.holdMinutes * MINUTE_MS), item.publishedAt);
  const source = { publicationId: publication.id, feedId: null };
  const suppliedItem = { ...item, ...suppliedIdentity(article) };
  const keys = identityKeysOf(suppliedItem, 'push');
  return db.transaction(async (tx) => {
    await lockArticles(tx, publication.id);
    const sameKeys = await findByKeys(tx, source, keys);
    const [known] = matchItems([{ item: suppliedItem, ownKeys: keys, sharedKeys: [] }], sameKeys).knownItems;
    if (known === undefined)
      return article.release === true
        ? insertReleased(tx, source, { item, keys, releaseAt: at }, pusher)
        : isNeverEmailed(item.categories, publication)
          ? insertSkipped(tx, source, { item, keys, releaseAt }, pusher)
          : insertPushed(tx, source, { item, keys, releaseAt }, pusher);
    await addKeys(tx, publication.id, known);
    return { kind: 'known', id: known.article.id };
  });
}

type PushedItem = { item: FeedItem; keys: IdentityKey[]; releaseAt: Date };
type PushSource = { publicationId: string; feedId: null };
/** Who pushes it, and when. */
type Pusher = Pick<Context, 'actor' | 'now'>;

/** With its number from the beginning, so that whoever pushed it can use it in a digest at once. */
async function insertReleased(
  tx: Tx,
  source: PushSource,
  article: PushedItem,
  pusher: Pusher,
): Promise<PushResult> {
  const { publicationId } = source;
  const [id = ''] = await insertArticles(tx, source, [{ ...article, state: 'waiting' }], pusher);
  await recordActivity(tx, pusher, { kind: 'article.approved', publicationId, subjectId: id });
  await releaseArticles(tx, publicationId, [{ id }], pusher.now());
  return { kind: 'added', id, releaseAt: pusher.now(), isReleased: true };
}

/** In a category that is never emailed. */
async function insertSkipped(
  tx: Tx,
  source: PushSource,
  article: PushedItem,
  pusher: Pusher,
): Promise<PushResult> {
  const row: NewArticle = { ...article, state: 'skipped', isNeverEmailed: true };
  const [id = ''] = await insertArticles(tx, source, [row], pusher);
  return { kind: 'added', id, releaseAt: article.releaseAt, isNeverEmailed: true };
}

/** Held, or waiting with a job that releases it in time. */
async function insertPushed(
  tx: Tx,
  source: PushSource,
  article: PushedItem,
  pusher: Pusher,
): Promise<PushResult> {
  const { publicationId } = source;
  const { item, releaseAt } = article;
  const mailedTitles = await listMailedTitles(tx, publicationId, [item.title]);
  const code = findContentHold(toJudged(item), mailedTitles.has(item.title));
  const row: NewArticle =
    code === undefined ? { ...article, state: 'waiting' } : { ...article, state: 'held', code };
  const [id = ''] = await insertArticles(tx, source, [row], pusher);
  if (code !== undefined) return { kind: 'added', id, releaseAt, held: code };
  await enqueue(tx, 'release-articles', { publicationId }, pusher.now(), releaseAt);
  return { kind: 'added', id, releaseAt };
}

function toFeedItem(article: PushedArticle, now: Date): FeedItem & { publishedAt: Date } {
  const { content = '', url } = article;
  const contentHtml = sanitiseHtml(content, url);
  const title = cleanLine(article.title);
  const summary = excerpt(article.summary ?? contentHtml, MAX_SUMMARY_CHARS);
  return {
    externalId: cleanLine(article.externalId ?? url ?? randomUUID()),
    url,
    title,
    summary,
    contentHtml,
    authors: (article.authors ?? []).map(cleanLine),
    image: article.image,
    categories: (article.categories ?? []).map(cleanLine),
    publishedAt: article.publishedAt ?? now,
    updatedAt: undefined,
    isProtected: looksProtected({ title, summary, html: content }),
  };
}

/** What its publisher said, without what we put in place of the rest: that identifies nothing. */
function suppliedIdentity({ externalId, url, publishedAt }: PushedArticle) {
  return { externalId: externalId ?? url ?? '', publishedAt };
}

function laterDate(one: Date, other: Date): Date {
  return one > other ? one : other;
}

async function addKeys(tx: Tx, publicationId: string, { article, newKeys }: KnownItem): Promise<void> {
  const keys = newKeys.map((key) => ({ key, articleId: article.id }));
  if (keys.length > 0) await insertIdentityKeys(tx, publicationId, keys);
}
