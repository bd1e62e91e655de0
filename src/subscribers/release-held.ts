import type { Context } from '../platform/context.js';
import type { WhichHeld } from './held.js';
import { releaseRequests } from './held-writes.js';
import { promiseAnswers } from './sign-up.js';

/** Lets held sign-ups go on: each is answered by mail like any other. Answers how many; 0 when none of them waits. */
export async function releaseHeld(
  { db, now }: Pick<Context, 'db' | 'now'>,
  which: WhichHeld,
): Promise<number> {
  return db.transaction(async (tx) => {
    const ids = await releaseRequests(tx, which);
    await promiseAnswers(tx, ids, now());
    return ids.length;
  });
}
