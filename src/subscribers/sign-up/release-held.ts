import type { Context } from '../../platform/context.js';
import type { HeldSelection } from './held.js';
import { releaseHeldRequests } from './held-writes.js';
import { enqueueDecisions } from './record-requests.js';

/** Lets held sign-ups go on: each is answered by mail like any other. Answers how many; 0 when none of them waits. */
export async function releaseHeldSignUps(
  { db, now }: Pick<Context, 'db' | 'now'>,
  which: HeldSelection,
): Promise<number> {
  return db.transaction(async (tx) => {
    const ids = await releaseHeldRequests(tx, which);
    await enqueueDecisions(tx, ids, now());
    return ids.length;
  });
}
