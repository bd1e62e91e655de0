import type { Tx } from '../platform/db/database.js';
import { deleteRenderings, markDetailsDeleted } from './writes.js';

/** What was rendered of a digest goes; its articles, words and lists stay, for its page in the archive and so that nothing is mailed twice. */
export async function deleteDigestDetails(tx: Tx, id: string, now: Date): Promise<void> {
  await deleteRenderings(tx, id);
  await markDetailsDeleted(tx, id, now);
}
