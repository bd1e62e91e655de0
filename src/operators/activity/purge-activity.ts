import type { Context } from '../../platform/context.js';
import { mayDelete, monthsBefore, USUAL_PURGE_SIZE } from '../../platform/jobs/retention.js';
import { lowestUuidAt } from '../../platform/uuid.js';
import { deleteActivityBefore } from './writes.js';

type PurgeContext = Pick<Context, 'db' | 'now' | 'clock' | 'stopping'> & {
  config: Pick<Context['config'], 'retentionMonths'>;
};

/** What an operator did, and what was done to an account, is kept for so long at least, and while the account is there. */
const ACCOUNT_RETENTION_MONTHS = 24;

/** Deletes what was recorded `RETENTION_MONTHS` ago. */
export async function purgeActivity(context: PurgeContext, size = USUAL_PURGE_SIZE): Promise<void> {
  const { db, now, config } = context;
  const before = monthsBefore(now(), config.retentionMonths);
  const accountsBefore = monthsBefore(now(), Math.max(config.retentionMonths, ACCOUNT_RETENTION_MONTHS));
  const cutoffs = { before, beforeId: lowestUuidAt(before), accountsBefore };
  for (let chunk = 0; chunk < size.maxChunks && (await mayDelete(context)); chunk++) {
    const deleted = await db.transaction((tx) => deleteActivityBefore(tx, cutoffs, size.chunkSize));
    if (deleted < size.chunkSize) return;
  }
}
