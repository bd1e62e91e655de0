import { createHash } from 'node:crypto';
import type { Context } from '../platform/context.js';
import type { Tx } from '../platform/db/database.js';
import { findIdempotencyKey } from './reads.js';
import {
  insertIdempotencyKey,
  deleteResponsesAbout,
  deleteUnansweredKey,
  storeResponse,
} from './access-writes.js';

export type StoredResponse = { status: number; body: unknown };

export type IdempotencyClaim =
  | { kind: 'first'; keep(answer: StoredResponse): Promise<void>; drop(): Promise<void> }
  | { kind: 'again'; answer: StoredResponse }
  | { kind: 'other-request' }
  | { kind: 'under-way' };

/**
 * Takes an Idempotency-Key for a request. The first one is told to answer and keep it; a repetition gets that answer;
 * the same key with another request is refused.
 * @param request method, path and body, as they came
 */
export async function claimIdempotencyKey(
  { db, now }: Pick<Context, 'db' | 'now'>,
  tokenId: string,
  key: string,
  request: string,
): Promise<IdempotencyClaim> {
  const requestHash = createHash('sha256').update(request).digest();
  const claim = { tokenId, key, requestHash };
  if ((await db.transaction((tx) => insertIdempotencyKey(tx, claim, now()))) !== undefined) {
    return {
      kind: 'first',
      keep: async (answer) => void (await db.transaction((tx) => storeResponse(tx, claim, answer))),
      drop: async () => void (await db.transaction((tx) => deleteUnansweredKey(tx, claim))),
    };
  }
  const kept = await findIdempotencyKey(db, tokenId, key);
  if (kept === undefined) return { kind: 'under-way' };
  if (!kept.requestHash.equals(requestHash)) return { kind: 'other-request' };
  if (kept.status === null) return { kind: 'under-way' };
  return { kind: 'again', answer: { status: kept.status, body: kept.body } };
}

/** Kept answers repeat what they were about: whoever erases a thing erases these with it. */
export async function deleteStoredResponsesAbout(tx: Tx, id: string): Promise<void> {
  await deleteResponsesAbout(tx, id);
}
