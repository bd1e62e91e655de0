import type { Tx } from '../../platform/db/database.js';
import { enqueue } from '../../platform/jobs/outbox.js';
import { insertNotice, type NewNotice } from './writes.js';

/** A notice, and the job that sends it. A cause leads to one notice for each recipient: a second time nothing is enqueued. */
export async function enqueueNotice(tx: Tx, notice: NewNotice, now: Date): Promise<void> {
  const row = await insertNotice(tx, notice, now);
  if (row !== undefined) await enqueue(tx, 'send-notice', { noticeId: row.id }, now);
}
