import { createHash } from 'node:crypto';
import type { Context } from '../platform/context.js';
import { findIdempotencyKey } from './reads.js';
import { insertIdempotencyKey, deleteUnansweredKey, storeResponse } from './access-writes.js';

export { deleteStoredResponsesAbout } from './access-writes.js';

export type StoredResponse = { status: number; body: unknown };

/** `in-progress`: the first request with the key has no response yet. `other-request`: the key came with another request. */
export type IdempotencyClaim =
  | { kind: 'first'; store(response: StoredResponse): Promise<void>; release(): Promise<void> }
  | { kind: 'replay'; response: StoredResponse }
  | { kind: 'other-request' }
  | { kind: 'in-progress' };

/**
 * Claims an Idempotency-Key (draft-ietf-httpapi-idempotency-key-header). The first request with a key is to be worked on, and
 * its response stored, or the key released so that it may be tried again; a repetition gets the stored response.
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
      store: async (response) => void (await db.transaction((tx) => storeResponse(tx, claim, response))),
      release: async () => void (await db.transaction((tx) => deleteUnansweredKey(tx, claim))),
    };
  }
  const stored = await findIdempotencyKey(db, tokenId, key);
  if (stored === undefined) return { kind: 'in-progress' };
  if (!stored.requestHash.equals(requestHash)) return { kind: 'other-request' };
  if (stored.status === null) return { kind: 'in-progress' };
  return { kind: 'replay', response: { status: stored.status, body: stored.body } };
}
