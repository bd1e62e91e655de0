import { randomUUID } from 'node:crypto';
import type { Context } from '../platform/context.js';
import type { Tx } from '../platform/db/database.js';
import { enqueue } from '../platform/jobs/outbox.js';
import type { Publication } from '../publications/publication.js';
import { lockArticles } from './article-writes.js';
import { cleanText, foldText } from './clean-text.js';
import { excerpt, SUMMARY_LENGTH } from './excerpt.js';
import type { FeedItem } from './feed-item.js';
import { findByNames } from './identity-reads.js';
import { namesOf } from './identity.js';
import { insertNames } from './name-writes.js';
import { findPushHoldCode } from './guards.js';
import type { HoldCode } from './hold.js';
import { listMailedTitles } from './reads.js';
import { recognise, type SeenItem } from './recognise.js';
import { sanitiseHtml } from './sanitise.js';
import { takeIn } from './take-in.js';

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
};

/** `held` says why an operator has to let it go first. */
export type Pushed =
  { kind: 'added'; id: string; releaseAt: Date; held?: HoldCode } | { kind: 'known'; id: string };

/**
 * Adds one article by hand or by API. It waits out the publication's hold window, and for its own date, then goes to whom
 * it is due. One without text, or with a title that was mailed before, is held. One that the publication has already,
 * under whatever name, is known: it gets the new name and nothing else.
 */
export function pushArticle(
  { db, now }: Pick<Context, 'db' | 'now'>,
  publication: Publication,
  article: PushedArticle,
): Promise<Pushed> {
  const at = now();
  const item = itemOf(article, at);
  const releaseAt = laterOf(new Date(at.getTime() + publication.holdMinutes * 60_000), item.publishedAt);
  const source = { publicationId: publication.id, feedId: null };
  return db.transaction(async (tx) => {
    await lockArticles(tx, publication.id);
    const said = { ...item, ...ownOnly(article) };
    const names = namesOf(said, 'push');
    const found = recognise([{ item: said, own: names, shared: [] }], await findByNames(tx, source, names));
    const [seen] = found.seen;
    if (seen !== undefined) {
      await addNames(tx, publication.id, seen);
      return { kind: 'known', id: seen.article.id };
    }
    const code = findPushHoldCode(item, await listMailedTitles(tx, publication.id, [item.title]));
    if (code !== undefined) {
      const [id = ''] = await takeIn(tx, source, [{ item, names, state: 'held', code, releaseAt }], at);
      return { kind: 'added', id, releaseAt, held: code };
    }
    const [id = ''] = await takeIn(tx, source, [{ item, names, state: 'waiting', releaseAt }], at);
    await enqueue(tx, 'release-articles', { publicationId: publication.id }, at, releaseAt);
    return { kind: 'added', id, releaseAt };
  });
}

function itemOf(article: PushedArticle, now: Date): FeedItem & { publishedAt: Date } {
  const contentHtml = sanitiseHtml(article.content ?? '', article.url);
  return {
    externalId: cleanText(article.externalId ?? article.url ?? randomUUID()),
    url: article.url,
    title: foldText(article.title),
    summary: excerpt(article.summary ?? contentHtml, SUMMARY_LENGTH),
    contentHtml,
    authors: (article.authors ?? []).map(cleanText),
    image: article.image,
    categories: (article.categories ?? []).map(cleanText),
    publishedAt: article.publishedAt ?? now,
    updatedAt: undefined,
  };
}

/** What its publisher said, without what we put in place of the rest: that is no name. */
function ownOnly({ externalId, url, publishedAt }: PushedArticle) {
  return { externalId: externalId ?? url ?? '', publishedAt };
}

function laterOf(one: Date, other: Date): Date {
  return one > other ? one : other;
}

async function addNames(tx: Tx, publicationId: string, { article, newNames }: SeenItem): Promise<void> {
  const names = newNames.map((name) => ({ name, articleId: article.id }));
  if (names.length > 0) await insertNames(tx, publicationId, names);
}
