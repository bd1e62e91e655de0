import type { Context } from '../platform/context.js';
import { clearEventWords } from './writes.js';

/** Deletes what was said of an erased reader's mails. It may run again. */
export async function eraseEvents({ db }: Pick<Context, 'db'>, subscriptionId: string): Promise<void> {
  await db.transaction((tx) => clearEventWords(tx, subscriptionId));
}
