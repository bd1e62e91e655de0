import type { Context } from '../../platform/context.js';
import { workOnRows } from '../../platform/db/work-on-rows.js';
import { beginIsolatedRun } from '../../platform/jobs/isolated-run.js';
import { CHUNK_SIZE } from '../chunks.js';
import { deleteNoticesOf } from './writes.js';
import { deleteUnconfirmedSubscriptions, UNCONFIRMED_RETENTION_MS } from '../../subscribers/erase/purge.js';
import { listUnconfirmed } from '../../subscribers/erase/reads.js';

/**
 * Deletes subscriptions that were never confirmed within a week, with their notices and sign-up requests. One that cannot be
 * deleted does not keep the others, and is tried again later.
 */
export async function purgeUnconfirmed(context: Pick<Context, 'db' | 'log' | 'now'>): Promise<void> {
  const { db, now } = context;
  const before = new Date(now().getTime() - UNCONFIRMED_RETENTION_MS);
  const run = await beginIsolatedRun(context, 'purge');
  const except = new Set(run.waiting);
  for (let found = CHUNK_SIZE; found === CHUNK_SIZE;) {
    const { rows, failures } = await workOnRows(db, {
      lock: (tx) => listUnconfirmed(tx, before, [...except], CHUNK_SIZE),
      work: async (tx, unconfirmed) => {
        const ids = unconfirmed.map(({ id }) => id);
        await deleteNoticesOf(tx, ids);
        await deleteUnconfirmedSubscriptions(tx, ids);
      },
    });
    for (const { row, error } of failures) {
      await run.fail({ kind: 'subscription', rowId: row.id, publicationId: row.publicationId }, error);
      except.add(row.id);
    }
    found = rows.length;
  }
  await run.finish();
}
