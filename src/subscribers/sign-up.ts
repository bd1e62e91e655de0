import type { Context } from '../platform/context.js';
import { enqueue } from '../platform/jobs/outbox.js';
import { insertRequest, type NewRequest } from './request-writes.js';

/**
 * Starts double opt-in. Every address costs the same and gets the same answer; the job decides by its state.
 * @param request what the visitor typed; `email` is a parsed address
 * @returns the request's id, which seals the "check your inbox" page
 */
export function signUp(
  { db, now }: Pick<Context, 'db' | 'now'>,
  request: NewRequest,
): Promise<{ id: string }> {
  return db.transaction(async (tx) => {
    const row = await insertRequest(tx, request, now());
    await enqueue(tx, 'answer-sign-up', { requestId: row.id }, now());
    return row;
  });
}
