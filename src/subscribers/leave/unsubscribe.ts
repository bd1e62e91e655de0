import type { Context } from '../../platform/context.js';
import { markUnsubscribed } from '../writes.js';
import { insertConsent } from '../consent/writes.js';

/**
 * Ends a subscription at once, from whatever state; nothing that is not already on the wire is sent.
 * Doing it twice is doing it once (RFC 8058 section 3.1 asks for no more than that it works).
 */
export function unsubscribe(
  { db, now }: Pick<Context, 'db' | 'now'>,
  subscriptionId: string,
): Promise<{ kind: 'unsubscribed' | 'already-unsubscribed' }> {
  return db.transaction(async (tx) => {
    const row = await markUnsubscribed(tx, subscriptionId, now());
    if (row === undefined) return { kind: 'already-unsubscribed' };
    await insertConsent(tx, { subscriptionId, kind: 'unsubscribed' }, now());
    return { kind: 'unsubscribed' };
  });
}
