import type { Context } from '../../platform/context.js';
import { DAY_MS } from '../../platform/durations.js';
import { mayDelete, USUAL_PURGE_SIZE } from '../../platform/jobs/retention.js';
import { INBOUND_RETENTION_DAYS } from '../../platform/mail/inbound/inbound-mail.js';
import { deleteInboundBefore } from '../../platform/mail/inbound/inbound-mails.js';
import { lowestUuidAt } from '../../platform/uuid.js';

/** A mail may have megabytes: fewer at once than of other rows. */
const SIZE = { ...USUAL_PURGE_SIZE, chunkSize: 500 };

/** Deletes mails that came back, as they came, when they have been kept for their 30 days. */
export async function purgeInbound(
  context: Pick<Context, 'db' | 'now' | 'clock' | 'stopping'>,
  { chunkSize, maxChunks } = SIZE,
): Promise<void> {
  const { db, now } = context;
  const before = new Date(now().getTime() - INBOUND_RETENTION_DAYS * DAY_MS);
  const beforeId = lowestUuidAt(before);
  for (let chunk = 0; chunk < maxChunks && (await mayDelete(context)); chunk++) {
    const deleted = await db.transaction((tx) => deleteInboundBefore(tx, { before, beforeId }, chunkSize));
    if (deleted < chunkSize) return;
  }
}
