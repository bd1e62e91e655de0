import type { Tx } from '../platform/db/database.js';
import { MAIL_CAP_WINDOW_MS, isWithinMailCap } from './mail-cap.js';
import { listCappedMails } from './request-reads.js';
import { insertCappedMail, lockMailCap } from './request-writes.js';

/**
 * Counts one more mail to an address that has not clicked, whatever it is about, if it may have one. Whoever counts for the
 * same address meanwhile waits until this transaction ends: of two, one may be one too many.
 */
export async function reserveMail(
  tx: Tx,
  addressHash: Buffer,
  publicationId: string,
  now: Date,
): Promise<'counted' | 'capped'> {
  await lockAddress(tx, addressHash);
  const asked = await listCappedMails(tx, addressHash, new Date(now.getTime() - MAIL_CAP_WINDOW_MS));
  if (!isWithinMailCap(asked, publicationId, now)) return 'capped';
  await insertCappedMail(tx, addressHash, publicationId, now);
  return 'counted';
}

/** Whoever counts and locks a subscription too does this first: in one order nobody waits for ever. */
export async function lockAddress(tx: Tx, addressHash: Buffer): Promise<void> {
  await lockMailCap(tx, addressHash);
}
