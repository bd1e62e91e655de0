import type { Context } from '../../platform/context.js';
import { SECOND_MS } from '../../platform/durations.js';
import { republish } from '../../platform/jobs/publish-outbox.js';
import { isNobodySending } from './reads.js';

/** A worker that is there begins with a job sooner. */
const FORGOTTEN_AFTER_MS = 5 * SECOND_MS;

/**
 * A job that was offered to a worker which is gone is published again a minute later. Where mail is due and nobody sends any,
 * that is a minute of silence: its jobs are published again at once. While anybody sends, the others wait for their turn.
 */
export async function republishForgotten({ db, now }: Pick<Context, 'db' | 'now'>): Promise<void> {
  const before = new Date(now().getTime() - FORGOTTEN_AFTER_MS);
  for (const [table, name] of [
    ['batches', 'send-batch'],
    ['notices', 'send-notice'],
  ] as const) {
    await db.transaction(async (tx) => {
      if (await isNobodySending(tx, table, before, now())) await republish(tx, name, before, now());
    });
  }
}
