import { findArticles } from '../../articles/reads.js';
import { arrange } from '../../digests/article-choices.js';
import type { DigestSelection } from '../../digests/digest.js';
import type { NumberedArticle } from '../../digests/calendar/due.js';
import type { Db, Tx } from '../../platform/db/database.js';
import type { Publication } from '../../publications/publication.js';
import type { Reader } from '../../subscribers/subscription.js';
import { isInAudience } from './audience.js';
import { findMailedArticles, type MailedArticles } from './mailed-articles.js';
import { readDueLists } from './due-lists.js';
import type { PlannedReader } from './queue-deliveries.js';
import { listVariantsWithArticles } from '../reads.js';

/** Readers with a watermark below this number may be in an order: all of them, when the articles were chosen. */
export function watermarkLimit(
  { articleIds }: Pick<DigestSelection, 'articleIds'>,
  { lastSeq }: Publication,
): number {
  return articleIds === null ? lastSeq : lastSeq + 1;
}

/** Of these readers, whom an operator's order is for, and which articles each of them gets. */
export async function selectAudience(
  db: Db | Tx,
  publicationId: string,
  order: DigestSelection,
  readers: readonly Reader[],
): Promise<PlannedReader[]> {
  const audience = readers.filter((reader) => isInAudience(reader, order.audience));
  if (audience.length === 0) return [];
  if (order.articleIds === null) return selectDueReaders(db, publicationId, order, audience);
  if (order.articleIds.length === 0) return audience.map((reader) => ({ reader, articles: [] }));
  const released = await findReleasedArticles(db, publicationId, order.articleIds);
  const chosen = arrange(released, order.articleChoices);
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
  { articleChoices }: DigestSelection,
  readers: readonly Reader[],
): Promise<PlannedReader[]> {
  const { listFor } = await readDueLists(db, publicationId, readers);
  const arranged = new Map<readonly NumberedArticle[], NumberedArticle[]>();
  const arrangeOnce = (list: NumberedArticle[]) => {
    const known = arranged.get(list) ?? (articleChoices.length === 0 ? list : arrange(list, articleChoices));
    arranged.set(list, known);
    return known;
  };
  return readers
    .map((reader) => ({ reader, articles: arrangeOnce(listFor(reader)) }))
    .filter(({ articles }) => articles.length > 0);
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
