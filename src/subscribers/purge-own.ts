import type { Context } from '../platform/context.js';
import { KEPT_CHANGE_MS } from './address-change.js';
import { forgetChangedAddresses } from './address-writes.js';
import { deleteOldLinkRequests } from './link-request-writes.js';
import { forgetEvidence, forgetOrigins } from './evidence-writes.js';

/** Clears addresses of changes that are over, link requests that nobody answered, and evidence past `evidenceDays`. */
export async function purgeOwnData({ db, now }: Pick<Context, 'db' | 'now'>): Promise<void> {
  const before = new Date(now().getTime() - KEPT_CHANGE_MS);
  await db.transaction(async (tx) => {
    await forgetChangedAddresses(tx, before);
    await deleteOldLinkRequests(tx, before);
    await forgetEvidence(tx, now());
    await forgetOrigins(tx, now());
  });
}
