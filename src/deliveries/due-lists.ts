import { listReleasedAbove } from '../articles/reads.js';
import { dueArticles, type NumberedArticle } from '../digests/due.js';
import type { Db, Tx } from '../platform/db/database.js';
import type { Reader } from '../subscribers/subscription.js';
import { mailedBefore, type MailedBefore } from './mailed-before.js';
import { listListsWith, listOperatorLists } from './list-reads.js';

/** What each of these readers is due, and the newest number among all that is out. */
export type DueLists = { of: (reader: Reader) => NumberedArticle[]; newest: number };

const NOTHING: ReadonlySet<string> = new Set();

/**
 * What is due to these readers of one publication: what came after their watermarks and was not mailed to them by operators'
 * digests, or before a pause. Who shares a list gets the very same one.
 */
export async function dueLists(
  db: Db | Tx,
  publicationId: string,
  readers: readonly Reader[],
): Promise<DueLists> {
  const lowest = readers.reduce((least, { watermark }) => Math.min(least, watermark), Infinity);
  const released = await listReleasedAbove(db, publicationId, lowest);
  const mailed = await readMailed(db, publicationId, readers, released);
  const lists = new Map<string, NumberedArticle[]>();
  const of = (reader: Reader) => {
    const before = mailed.get(reader.id) ?? NOTHING;
    const key = `${reader.watermark} ${before.size === 0 ? '' : [...before].join()} ${reader.topics.join('\n')}`;
    const list = lists.get(key) ?? dueArticles(reader, released, before);
    lists.set(key, list);
    return list;
  };
  return { of, newest: released.at(-1)?.seq ?? 0 };
}

/** Which of these released articles were mailed to one reader though they are above her watermark. */
export async function listMailedTo(
  db: Db | Tx,
  publicationId: string,
  reader: Pick<Reader, 'id' | 'watermark' | 'catchesUp'>,
  released: readonly NumberedArticle[],
): Promise<ReadonlySet<string>> {
  const mailed = await readMailed(db, publicationId, [reader], released);
  return mailed.get(reader.id) ?? NOTHING;
}

/** Who pauses steps back behind what was not sent to her then, and may step over what was: all digests count for her. */
async function readMailed(
  db: Db | Tx,
  publicationId: string,
  readers: readonly Pick<Reader, 'id' | 'watermark' | 'catchesUp'>[],
  released: readonly NumberedArticle[],
): Promise<MailedBefore> {
  const lowest = readers.reduce((least, { watermark }) => Math.min(least, watermark), Infinity);
  const mailed = await mailedBefore(db, await listOperatorLists(db, publicationId, lowest), readers);
  const back = readers.filter(({ catchesUp }) => catchesUp);
  if (back.length === 0 || released.length === 0) return mailed;
  const ids = released.map(({ id }) => id);
  const lists = await listListsWith(db, publicationId, ids);
  return new Map([...mailed, ...(await mailedBefore(db, lists, back))]);
}
