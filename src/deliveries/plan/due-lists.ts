import { listReleasedAbove } from '../../articles/reads.js';
import { selectDueArticles, type NumberedArticle } from '../../digests/calendar/due.js';
import { DEFAULT_ORDER, orderOf } from '../../digests/digest.js';
import type { Db, Tx } from '../../platform/db/database.js';
import type { Reader } from '../../subscribers/subscription.js';
import { isInAudience } from './audience.js';
import { findMailedArticles, type MailedArticles } from './mailed-articles.js';
import { listVariantsWithArticles } from '../reads.js';
import { listLeftOut, listVariantsAboveWatermarks } from './reads.js';

/** What each of these readers is due, and the newest number among all that is out. */
export type DueLists = { listFor: (reader: Reader) => NumberedArticle[]; newestSeq: number };

const NO_ARTICLES: ReadonlySet<string> = new Set();

/**
 * What is due to these readers of one publication: what came after their watermarks and was not mailed to them by operators'
 * digests, or before a pause. Who shares a list gets the very same one.
 */
export async function readDueLists(
  db: Db | Tx,
  publicationId: string,
  readers: readonly Reader[],
): Promise<DueLists> {
  const lowest = readers.reduce((least, { watermark }) => Math.min(least, watermark), Infinity);
  const released = await listReleasedAbove(db, publicationId, lowest);
  const mailed = await readMailedArticles(db, publicationId, readers, released);
  const leftOut = await readLeftOut(db, released);
  const lists = new Map<string, NumberedArticle[]>();
  const listFor = (reader: Reader) => {
    const before = leftOut(reader, mailed.get(reader.id) ?? NO_ARTICLES);
    const key = `${reader.watermark} ${before.size === 0 ? '' : [...before].join()} ${reader.topics.join('\n')}`;
    const list = lists.get(key) ?? selectDueArticles(reader, released, before);
    lists.set(key, list);
    return list;
  };
  return { listFor, newestSeq: released.at(-1)?.seq ?? 0 };
}

/** Which of these released articles were mailed to one reader though they are above her watermark. */
export async function listMailedArticles(
  db: Db | Tx,
  publicationId: string,
  reader: Pick<Reader, 'id' | 'watermark' | 'isCatchingUp' | 'cadence' | 'locale' | 'topics'>,
  released: readonly NumberedArticle[],
): Promise<ReadonlySet<string>> {
  const mailed = await readMailedArticles(db, publicationId, [reader], released);
  const leftOut = await readLeftOut(db, released);
  return leftOut(reader, mailed.get(reader.id) ?? NO_ARTICLES);
}

type AddLeftOut = (
  reader: Pick<Reader, 'cadence' | 'locale' | 'topics'>,
  mailed: ReadonlySet<string>,
) => ReadonlySet<string>;

/** What editors left out of digests counts as mailed to everybody those were for, as they read now. */
async function readLeftOut(db: Db | Tx, released: readonly NumberedArticle[]): Promise<AddLeftOut> {
  const leftOut = await listLeftOut(
    db,
    released.map(({ id }) => id),
  );
  if (leftOut.length === 0) return (_reader, mailed) => mailed;
  return (reader, mailed) => {
    const own = leftOut.filter((digest) =>
      isInAudience(reader, orderOf({ ...DEFAULT_ORDER, ...digest }).audience),
    );
    return own.length === 0 ? mailed : new Set([...mailed, ...own.map(({ articleId }) => articleId)]);
  };
}

/**
 * A catch-up lowers a reader's watermark below articles that were not sent to her while she paused, and so also below some
 * that were: for readers who are catching up the digests of every cadence count, for all others those of operators, and those that left out what stays due.
 */
async function readMailedArticles(
  db: Db | Tx,
  publicationId: string,
  readers: readonly Pick<Reader, 'id' | 'watermark' | 'isCatchingUp'>[],
  released: readonly NumberedArticle[],
): Promise<MailedArticles> {
  const lowest = readers.reduce((least, { watermark }) => Math.min(least, watermark), Infinity);
  const mailed = await findMailedArticles(
    db,
    await listVariantsAboveWatermarks(db, publicationId, lowest),
    readers,
  );
  const catchingUp = readers.filter(({ isCatchingUp }) => isCatchingUp);
  if (catchingUp.length === 0 || released.length === 0) return mailed;
  const ids = released.map(({ id }) => id);
  const variants = await listVariantsWithArticles(db, publicationId, ids);
  return new Map([...mailed, ...(await findMailedArticles(db, variants, catchingUp))]);
}
