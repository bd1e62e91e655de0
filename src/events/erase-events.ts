import type { Context } from '../platform/context.js';
import { clearEventWords, deleteInboundMailsOf } from './writes.js';

/** Deletes what was said of an erased reader's mails, and the mails in which it was said. It may run again. */
export async function eraseEvents({ db }: Pick<Context, 'db'>, subscriptionId: string): Promise<void> {
  await db.transaction(async (tx) => {
    await deleteInboundMailsOf(tx, subscriptionId);
    await clearEventWords(tx, subscriptionId);
  });
}
