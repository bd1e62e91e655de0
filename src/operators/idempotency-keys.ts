import { createHash } from 'node:crypto';
import type { Context } from '../platform/context.js';
import type { Db } from '../platform/db/database.js';
import { joinTransaction } from '../platform/db/join-transaction.js';
import { findIdempotencyKey } from './reads.js';
import { insertIdempotencyKey, tryLockIdempotencyKey } from './access-writes.js';

export { deleteStoredResponsesAbout } from './access-writes.js';

/** 1 to 255 visible ASCII characters. */
export function isIdempotencyKey(key: string): boolean {
  return /^[\x21-\x7e]{1,255}$/.test(key);
}

/** `publicationId`: which one the request was about; null: several, or none. */
export type StoredResponse = { status: number; body: unknown; publicationId?: string | null };

/**
 * What a request with a key leads to. `refused`: nothing was made, and the key may be used again. `in-progress`: the first
 * request with the key has no response yet. `other-request`: the key came with another request.
 */
export type KeyedResult =
  | { kind: 'response'; response: StoredResponse; isRepeated?: true }
  | { kind: 'refused'; refusal: Error }
  | { kind: 'other-request' }
  | { kind: 'in-progress' };

export type KeyedAnswer =
  | { kind: 'response'; response: StoredResponse }
  | { kind: 'refused'; refusal: Error };

/**
 * Answers the first request with an Idempotency-Key (draft-ietf-httpapi-idempotency-key-header), and gives repetitions its
 * response. The key is written in the transaction that does what the request asks for: there are both, or neither,
 * whenever the process dies or Postgres goes away.
 * @param tokenId null: the command line, and the forms of operators' pages, whose keys begin with `desk:`
 * @param request method, path and body, as they came; or the command and what it was given
 * @param answer does it with this database only; when it throws nothing is changed
 */
export function answerOnce(
  { db, now }: Pick<Context, 'db' | 'now'>,
  { tokenId, key, request }: { tokenId: string | null; key: string; request: string },
  answer: (db: Db) => Promise<KeyedAnswer>,
): Promise<KeyedResult> {
  const requestHash = createHash('sha256').update(request).digest();
  return db.transaction(async (tx) => {
    if (!(await tryLockIdempotencyKey(tx, tokenId, key))) return { kind: 'in-progress' };
    const stored = await findIdempotencyKey(tx, tokenId, key);
    if (stored !== undefined && !stored.requestHash.equals(requestHash)) return { kind: 'other-request' };
    if (stored !== undefined) return { kind: 'response', response: stored, isRepeated: true };
    const first = await answer(joinTransaction(db, tx));
    if (first.kind === 'response')
      await insertIdempotencyKey(tx, { tokenId, key, requestHash }, first.response, now());
    return first;
  });
}
