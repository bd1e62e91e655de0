import { randomUUID } from 'node:crypto';
import type { Context } from '../platform/context.js';
import { enqueue } from '../platform/jobs/outbox.js';
import type { Publication } from '../publications/publication.js';
import { excerpt } from './excerpt.js';
import { sanitiseHtml } from './sanitise.js';
import { insertArticle } from './writes.js';

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

const SUMMARY_LENGTH = 500;

/** Adds one article by hand or by API. It waits out the publication's hold window, then goes to whom it is due. */
export function pushArticle(
  { db, now }: Pick<Context, 'db' | 'now'>,
  publication: Publication,
  article: PushedArticle,
): Promise<{ kind: 'added'; id: string; releaseAt: Date } | { kind: 'known' }> {
  const releaseAt = new Date(now().getTime() + publication.holdMinutes * 60_000);
  const contentHtml = sanitiseHtml(article.content ?? '', article.url);
  const item = {
    externalId: article.externalId ?? article.url ?? randomUUID(),
    url: article.url,
    title: article.title,
    summary: excerpt(article.summary ?? contentHtml, SUMMARY_LENGTH),
    contentHtml,
    authors: article.authors ?? [],
    image: article.image,
    categories: article.categories ?? [],
    publishedAt: article.publishedAt ?? now(),
    updatedAt: undefined,
  };
  const { id: publicationId } = publication;
  return db.transaction(async (tx) => {
    const fresh = {
      publicationId,
      feedId: null,
      item,
      state: 'waiting' as const,
      holdReason: null,
      releaseAt,
    };
    const row = await insertArticle(tx, fresh, now());
    if (row === undefined) return { kind: 'known' };
    await enqueue(tx, 'release-articles', { publicationId }, now(), releaseAt);
    return { kind: 'added', id: row.id, releaseAt };
  });
}
