import type { Context } from '../../platform/context.js';
import { LOWEST_ID } from '../chunks.js';
import { findDigestToNote } from './reads.js';
import { markNoted, noteNextReaders } from './writes.js';

const CHUNK_SIZE = 2000;
/** What is left is done by the next run. */
const MAX_CHUNKS = 1000;

/**
 * Notes of the readers of digests that are over when they were mailed last, and whose mail bounced: the list of readers is
 * searched by that. What is noted twice says the same.
 */
export async function noteMailedReaders({
  db,
  now,
  stopping,
}: Pick<Context, 'db' | 'now' | 'stopping'>): Promise<void> {
  let chunks = 0;
  let digest = await findDigestToNote(db, LOWEST_ID);
  while (digest !== undefined) {
    const { id } = digest;
    let after: string | undefined = LOWEST_ID;
    while (after !== undefined) {
      if (stopping.aborted || chunks >= MAX_CHUNKS) return;
      chunks++;
      after = await noteChunk(db, digest, after);
    }
    await db.transaction((tx) => markNoted(tx, id, now()));
    digest = await findDigestToNote(db, id);
  }
}

async function noteChunk(
  db: Context['db'],
  digest: { id: string; publicationId: string },
  after: string,
): Promise<string | undefined> {
  const last = await db.transaction((tx) => noteNextReaders(tx, digest, { after, limit: CHUNK_SIZE }));
  return last?.subscriptionId;
}
