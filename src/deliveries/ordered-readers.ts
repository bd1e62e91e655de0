import { findArticles } from '../articles/reads.js';
import type { Audience, DigestOrder } from '../digests/digest.js';
import type { NumberedArticle } from '../digests/due.js';
import type { Db, Tx } from '../platform/db/database.js';
import type { Publication } from '../publications/publication.js';
import type { Reader } from '../subscribers/subscription.js';
import { mailedBefore, type MailedBefore } from './mailed-before.js';
import { dueLists } from './due-lists.js';
import type { Planned } from './queue-deliveries.js';
import { listListsWith } from './list-reads.js';

type Order = Pick<DigestOrder, 'articleIds' | 'audience' | 'again'>;

/** Readers with a watermark below this number may be in an order: all of them, when the articles were chosen. */
export function reachOf({ articleIds }: Order, { lastSeq }: Publication): number {
  return articleIds === null ? lastSeq : lastSeq + 1;
}

/** Of these readers, whom an operator's order is for, and which articles each of them gets. */
export async function orderedReaders(
  db: Db | Tx,
  publicationId: string,
  order: Order,
  readers: readonly Reader[],
): Promise<Planned[]> {
  const audience = readers.filter((reader) => isInAudience(reader, order.audience));
  if (audience.length === 0) return [];
  if (order.articleIds === null) return dueOnes(db, publicationId, audience);
  if (order.articleIds.length === 0) return audience.map((reader) => ({ reader, articles: [] }));
  const chosen = await releasedOnes(db, publicationId, order.articleIds);
  const mailed = order.again
    ? new Map<string, Set<string>>()
    : await mailedOf(db, publicationId, chosen, audience);
  const left = (before: ReadonlySet<string> | undefined) =>
    before === undefined ? chosen : chosen.filter(({ id }) => !before.has(id));
  return audience
    .map((reader) => ({ reader, articles: left(mailed.get(reader.id)) }))
    .filter(({ articles }) => articles.length > 0);
}

/** Those with something to read that no operator's digest brought them. */
async function dueOnes(db: Db | Tx, publicationId: string, readers: readonly Reader[]): Promise<Planned[]> {
  const { of } = await dueLists(db, publicationId, readers);
  return readers
    .map((reader) => ({ reader, articles: of(reader) }))
    .filter(({ articles }) => articles.length > 0);
}

/** A topic reaches who chose it, and who chose none and so gets everything. */
function isInAudience(reader: Reader, { cadence, locale, topics }: Audience): boolean {
  if (cadence !== undefined && reader.cadence !== cadence) return false;
  if (locale !== undefined && reader.locale !== locale) return false;
  if (topics === undefined || reader.topics.length === 0) return true;
  return reader.topics.some((topic) => topics.includes(topic));
}

async function releasedOnes(db: Db | Tx, publicationId: string, ids: string[]): Promise<NumberedArticle[]> {
  const articles = await findArticles(db, ids);
  return articles
    .flatMap(({ id, seq, state, publicationId: owner }) =>
      seq !== null && state === 'released' && owner === publicationId ? [{ id, seq }] : [],
    )
    .toSorted((one, other) => one.seq - other.seq);
}

/** Which of these articles any digest brought each reader. */
async function mailedOf(
  db: Db | Tx,
  publicationId: string,
  articles: readonly NumberedArticle[],
  readers: readonly Reader[],
): Promise<MailedBefore> {
  const lists = await listListsWith(
    db,
    publicationId,
    articles.map(({ id }) => id),
  );
  return mailedBefore(db, lists, readers);
}
