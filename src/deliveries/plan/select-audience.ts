import { findArticles } from '../../articles/reads.js';
import { cadencesOf, type Audience, type DigestOrder } from '../../digests/digest.js';
import type { NumberedArticle } from '../../digests/calendar/due.js';
import type { Db, Tx } from '../../platform/db/database.js';
import { canonicalLanguageTag } from '../../platform/text/language-tag.js';
import type { Publication } from '../../publications/publication.js';
import type { Reader } from '../../subscribers/subscription.js';
import { findMailedArticles, type MailedArticles } from './mailed-articles.js';
import { readDueLists } from './due-lists.js';
import type { PlannedReader } from './queue-deliveries.js';
import { listVariantsWithArticles } from '../reads.js';

type Order = Pick<DigestOrder, 'articleIds' | 'audience' | 'again'>;

/** Readers with a watermark below this number may be in an order: all of them, when the articles were chosen. */
export function watermarkLimit({ articleIds }: Order, { lastSeq }: Publication): number {
  return articleIds === null ? lastSeq : lastSeq + 1;
}

/** Of these readers, whom an operator's order is for, and which articles each of them gets. */
export async function selectAudience(
  db: Db | Tx,
  publicationId: string,
  order: Order,
  readers: readonly Reader[],
): Promise<PlannedReader[]> {
  const audience = readers.filter((reader) => isInAudience(reader, order.audience));
  if (audience.length === 0) return [];
  if (order.articleIds === null) return selectDueReaders(db, publicationId, audience);
  if (order.articleIds.length === 0) return audience.map((reader) => ({ reader, articles: [] }));
  const chosen = await findReleasedArticles(db, publicationId, order.articleIds);
  const mailed = order.again
    ? new Map<string, Set<string>>()
    : await findMailedAmong(db, publicationId, chosen, audience);
  const left = (before: ReadonlySet<string> | undefined) =>
    before === undefined ? chosen : chosen.filter(({ id }) => !before.has(id));
  return audience
    .map((reader) => ({ reader, articles: left(mailed.get(reader.id)) }))
    .filter(({ articles }) => articles.length > 0);
}

/** Those with something to read that no operator's digest brought them. */
async function selectDueReaders(
  db: Db | Tx,
  publicationId: string,
  readers: readonly Reader[],
): Promise<PlannedReader[]> {
  const { listFor } = await readDueLists(db, publicationId, readers);
  return readers
    .map((reader) => ({ reader, articles: listFor(reader) }))
    .filter(({ articles }) => articles.length > 0);
}

/** A topic reaches who chose it, and who chose none and so gets everything. */
function isInAudience(reader: Reader, audience: Audience): boolean {
  const { locale, topics } = audience;
  if (!cadencesOf(audience).includes(reader.cadence)) return false;
  if (locale !== undefined && !isSameLanguage(reader.locale, locale)) return false;
  if (topics === undefined || reader.topics.length === 0) return true;
  return reader.topics.some((topic) => topics.includes(topic));
}

function isSameLanguage(one: string, other: string): boolean {
  return (canonicalLanguageTag(one) ?? one) === (canonicalLanguageTag(other) ?? other);
}

async function findReleasedArticles(
  db: Db | Tx,
  publicationId: string,
  ids: string[],
): Promise<NumberedArticle[]> {
  const articles = await findArticles(db, ids);
  return articles
    .flatMap(({ id, seq, state, publicationId: owner }) =>
      seq !== null && state === 'released' && owner === publicationId ? [{ id, seq }] : [],
    )
    .toSorted((one, other) => one.seq - other.seq);
}

/** Which of these articles any digest brought each reader. */
async function findMailedAmong(
  db: Db | Tx,
  publicationId: string,
  articles: readonly NumberedArticle[],
  readers: readonly Reader[],
): Promise<MailedArticles> {
  const lists = await listVariantsWithArticles(
    db,
    publicationId,
    articles.map(({ id }) => id),
  );
  return findMailedArticles(db, lists, readers);
}
