import type { Context } from '../../platform/context.js';
import { ADDRESS_RETENTION_MS } from '../address-change/address-change.js';
import { clearExpiredAddresses } from '../address-change/writes.js';
import { deleteOldLinkRequests } from '../preferences/link-request-writes.js';
import { clearExpiredEvidence, clearExpiredOrigins } from '../consent/evidence-writes.js';

/** Clears addresses of changes that are over, link requests that nobody answered, and evidence past `evidenceDays`. */
export async function purgeExpiredPersonalData({ db, now }: Pick<Context, 'db' | 'now'>): Promise<void> {
  const before = new Date(now().getTime() - ADDRESS_RETENTION_MS);
  await db.transaction(async (tx) => {
    await clearExpiredAddresses(tx, before);
    await deleteOldLinkRequests(tx, before);
    await clearExpiredEvidence(tx, now());
    await clearExpiredOrigins(tx, now());
  });
}
