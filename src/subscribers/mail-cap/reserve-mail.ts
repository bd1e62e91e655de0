import type { Tx } from '../../platform/db/database.js';
import { MAIL_CAP_WINDOW_MS, isWithinDailyCap, isWithinMailCap, type CappedKind } from './mail-cap.js';
import { listCappedMails, lockMailbox } from './reads.js';
import { insertCappedMail } from './writes.js';

/**
 * Counts one more mail to a mailbox, if the cap of its kind allows it. Others who reserve for the same mailbox wait until this
 * transaction ends, so that no two take the last place.
 * @param mailboxHash as `hashMailbox` makes it
 */
export async function reserveMail(
  tx: Tx,
  mailboxHash: Buffer,
  { publicationId, kind }: { publicationId: string; kind: CappedKind },
  now: Date,
): Promise<'reserved' | 'capped'> {
  await lockMailbox(tx, mailboxHash);
  const since = new Date(now.getTime() - MAIL_CAP_WINDOW_MS);
  const history = (await listCappedMails(tx, mailboxHash, since)).filter((mail) => mail.kind === kind);
  const isWithin = kind === 'unclicked' ? isWithinMailCap : isWithinDailyCap;
  if (!isWithin(history, publicationId, now)) return 'capped';
  await insertCappedMail(tx, { mailboxHash, publicationId, kind }, now);
  return 'reserved';
}
