import { deleteDigestDetails } from '../../digests/delete-details.js';
import { lockNextWithDetails } from '../../digests/reads.js';
import type { Context } from '../../platform/context.js';
import type { Tx } from '../../platform/db/database.js';
import { workOnRows } from '../../platform/db/work-on-rows.js';
import { beginIsolatedRun } from '../../platform/jobs/isolated-run.js';
import { mayDelete, monthsBefore, USUAL_PURGE_SIZE, type PurgeSize } from '../../platform/jobs/retention.js';
import { lowestUuidAt } from '../../platform/uuid.js';
import { LOWEST_ID } from '../chunks.js';
import { deleteBatches, deleteDetailsAfter, deleteNoticesBefore } from './writes.js';

type PurgeContext = Pick<Context, 'db' | 'log' | 'now' | 'clock' | 'stopping'> & {
  config: Pick<Context['config'], 'retentionMonths'>;
};

/**
 * Deletes what has been kept for `RETENTION_MONTHS`: single mails, and of digests all but who got which articles. The mails of
 * a digest begin to count when it is given up at the latest, so that nothing is deleted that may still be sent.
 */
export async function purgeHistory(context: PurgeContext, size = USUAL_PURGE_SIZE): Promise<void> {
  const before = monthsBefore(context.now(), context.config.retentionMonths);
  await purgeNotices(context, before, size);
  await purgeDigests(context, before, size);
}

async function purgeNotices(
  context: PurgeContext,
  before: Date,
  { chunkSize, maxChunks }: PurgeSize,
): Promise<void> {
  const { db } = context;
  // Ids begin with the time: the oldest are found without an index of their own.
  const beforeId = lowestUuidAt(before);
  for (let chunk = 0; chunk < maxChunks && (await mayDelete(context)); chunk++) {
    const deleted = await db.transaction((tx) => deleteNoticesBefore(tx, { before, beforeId }, chunkSize));
    if (deleted < chunkSize) return;
  }
}

/** Digest after digest, the oldest first. One that throws is left out, and tried again later. */
async function purgeDigests(
  context: PurgeContext,
  before: Date,
  { chunkSize, maxChunks }: PurgeSize,
): Promise<void> {
  const { db, now } = context;
  const run = await beginIsolatedRun(context, 'purge-digest');
  const except = new Set(run.waiting);
  let position = { digestId: '', after: LOWEST_ID };
  for (let chunk = 0; chunk < maxChunks && (await mayDelete(context)); chunk++) {
    const { rows, failures } = await workOnRows(db, {
      lock: (tx) => lockNextWithDetails(tx, before, [...except]),
      work: async (tx, [digest]) => {
        if (digest === undefined) return;
        const after = digest.id === position.digestId ? position.after : LOWEST_ID;
        const last = await deleteDetails(tx, { digestId: digest.id, after, limit: chunkSize }, now());
        position = { digestId: digest.id, after: last ?? LOWEST_ID };
      },
    });
    for (const { row, error } of failures) {
      await run.fail({ kind: 'digest', rowId: row.id, publicationId: row.publicationId }, error);
      except.add(row.id);
    }
    if (rows.length === 0) return run.finish();
  }
}

/** @returns the last subscription that was looked at; undefined: there was none left, and the digest is done with */
async function deleteDetails(
  tx: Tx,
  where: { digestId: string; after: string; limit: number },
  now: Date,
): Promise<string | undefined> {
  const last = await deleteDetailsAfter(tx, where);
  if (last !== undefined) return last.subscriptionId;
  await deleteBatches(tx, where.digestId);
  await deleteDigestDetails(tx, where.digestId, now);
  return undefined;
}
