import type { Tx } from '../../platform/db/database.js';
import { MAIL_CAP_WINDOW_MS, isWithinMailCap } from './mail-cap.js';
import { listCappedMails, lockAddress } from './reads.js';
import { insertCappedMail } from './writes.js';

/**
 * Counts one more mail of any kind to an address whose owner has not clicked yet, if the cap allows it. Others who reserve
 * for the same address wait until this transaction ends, so that no two take the last place.
 */
export async function reserveMail(
  tx: Tx,
  addressHash: Buffer,
  publicationId: string,
  now: Date,
): Promise<'reserved' | 'capped'> {
  await lockAddress(tx, addressHash);
  const history = await listCappedMails(tx, addressHash, new Date(now.getTime() - MAIL_CAP_WINDOW_MS));
  if (!isWithinMailCap(history, publicationId, now)) return 'capped';
  await insertCappedMail(tx, addressHash, publicationId, now);
  return 'reserved';
}
