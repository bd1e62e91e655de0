import type { Context } from '../platform/context.js';
import { DAY_MS } from '../platform/durations.js';
import { mayDelete, monthsBefore, USUAL_PURGE_SIZE, type PurgeSize } from '../platform/jobs/retention.js';
import { deleteEventsBefore } from './writes.js';

/** What proves nothing is kept for whoever looks into it, and anybody can make it. */
const UNMATCHED_RETENTION_MS = 30 * DAY_MS;

type PurgeContext = Pick<Context, 'db' | 'now' | 'clock' | 'stopping'> & {
  config: Pick<Context['config'], 'retentionMonths'>;
};

/** Deletes events that were kept for `RETENTION_MONTHS`, as long as the answers of mail servers; of what proves nothing, for 30 days. */
export async function purgeEvents(
  context: PurgeContext,
  { chunkSize, maxChunks }: PurgeSize = USUAL_PURGE_SIZE,
): Promise<void> {
  const { db, now, config } = context;
  const before = {
    matched: monthsBefore(now(), config.retentionMonths),
    unmatched: new Date(now().getTime() - UNMATCHED_RETENTION_MS),
  };
  for (let chunk = 0; chunk < maxChunks && (await mayDelete(context)); chunk++) {
    const deleted = await db.transaction((tx) => deleteEventsBefore(tx, before, chunkSize));
    if (deleted < chunkSize) return;
  }
}
