import { listReleasedAbove } from '../articles/reads.js';
import { dueArticles, type NumberedArticle } from '../digests/due.js';
import type { Db, Tx } from '../platform/db/database.js';
import type { Reader } from '../subscribers/subscription.js';
import { mailedBefore, type MailedBefore } from './mailed-before.js';
import { listOperatorLists } from './list-reads.js';

/** What each of these readers is due, and the newest number among all that is out. */
export type DueLists = { of: (reader: Reader) => NumberedArticle[]; newest: number };

const NOTHING: ReadonlySet<string> = new Set();

/** What operators' digests did not bring these readers of one publication yet. Who shares a list gets the very same one. */
export async function dueLists(
  db: Db | Tx,
  publicationId: string,
  readers: readonly Reader[],
): Promise<DueLists> {
  const lowest = readers.reduce((least, { watermark }) => Math.min(least, watermark), Infinity);
  const released = await listReleasedAbove(db, publicationId, lowest);
  const mailed = await readMailed(db, publicationId, readers, lowest);
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

/** What operators' digests brought one reader since her watermark. */
export async function listMailedTo(
  db: Db | Tx,
  publicationId: string,
  reader: Pick<Reader, 'id' | 'watermark'>,
): Promise<ReadonlySet<string>> {
  const mailed = await readMailed(db, publicationId, [reader], reader.watermark);
  return mailed.get(reader.id) ?? new Set();
}

async function readMailed(
  db: Db | Tx,
  publicationId: string,
  readers: readonly Pick<Reader, 'id'>[],
  seq: number,
): Promise<MailedBefore> {
  return mailedBefore(db, await listOperatorLists(db, publicationId, seq), readers);
}
