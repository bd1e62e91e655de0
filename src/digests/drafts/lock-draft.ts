import type { Tx } from '../../platform/db/database.js';
import type { Draft } from './draft.js';
import { findDraft, lockDraft } from './reads.js';
import { lockDrafts } from './writes.js';

/** Its row, after the lock that planning takes: whoever opens its digest has opened it, or waits until this transaction ends. */
export async function lockWithOthers(tx: Tx, id: string): Promise<Draft | undefined> {
  const found = await findDraft(tx, id);
  if (found === undefined) return undefined;
  await lockDrafts(tx, found.publicationId);
  return lockDraft(tx, id);
}
