import type { Context } from '../../platform/context.js';
import type { HeldSelection } from './held.js';
import { deleteHeldRequests } from './held-writes.js';

/** Forgets held sign-ups: nobody is mailed. Answers how many; 0 when none of them waits. */
export function deleteHeldSignUps({ db }: Pick<Context, 'db'>, which: HeldSelection): Promise<number> {
  return db.transaction((tx) => deleteHeldRequests(tx, which));
}
