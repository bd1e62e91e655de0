import type { Context } from '../../platform/context.js';
import { DAY_MS } from '../../platform/durations.js';
import { mayDelete, USUAL_PURGE_SIZE } from '../../platform/jobs/retention.js';
import { deleteRequestsBefore, deleteTestBouncesBefore } from './writes.js';

/** They have addresses in them, and their events are recorded. */
const REQUEST_RETENTION_MS = 30 * DAY_MS;

/** Deletes what providers sent more than 30 days ago. */
export async function purgeProviderRequests(
  context: Pick<Context, 'db' | 'now' | 'clock' | 'stopping'>,
  size = USUAL_PURGE_SIZE,
): Promise<void> {
  const { db, now } = context;
  const before = new Date(now().getTime() - REQUEST_RETENTION_MS);
  await db.transaction((tx) => deleteTestBouncesBefore(tx, before));
  for (let chunk = 0; chunk < size.maxChunks && (await mayDelete(context)); chunk++) {
    const deleted = await db.transaction((tx) => deleteRequestsBefore(tx, before, size.chunkSize));
    if (deleted < size.chunkSize) return;
  }
}
