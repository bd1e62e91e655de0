import type { Context } from '../platform/context.js';
import type { WhichHeld } from './held.js';
import { deleteRequests } from './held-writes.js';

/** Forgets held sign-ups: nobody is mailed. Answers how many; 0 when none of them waits. */
export function deleteHeld({ db }: Pick<Context, 'db'>, which: WhichHeld): Promise<number> {
  return db.transaction((tx) => deleteRequests(tx, which));
}
