import type { Context } from '../../platform/context.js';
import { enqueue } from '../../platform/jobs/outbox.js';
import type { ReceivedMail } from '../../platform/mail/inbound/inbound-mail.js';
import { insertInboundMail } from '../../platform/mail/inbound/inbound-mails.js';

/**
 * Stores a mail as it came, and the job that reads it. When this resolves it is committed; the same mail again changes nothing.
 * @returns undefined where it is there already
 */
export async function receiveMail(
  { db, now }: Pick<Context, 'db' | 'now'>,
  mail: ReceivedMail,
): Promise<{ id: string } | undefined> {
  return db.transaction(async (tx) => {
    const stored = await insertInboundMail(tx, mail, now());
    if (stored !== undefined) await enqueue(tx, 'read-inbound', { inboundMailId: stored.id }, now());
    return stored;
  });
}
