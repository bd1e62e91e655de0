import type { Context } from '../../platform/context.js';
import { SECOND_MS } from '../../platform/durations.js';
import type { JobName } from '../../platform/jobs/definitions.js';
import { republish } from '../../platform/jobs/publish-outbox.js';
import { isAnyDue, isAnyLeased } from './reads.js';

/** A worker that is there begins with a job sooner. */
const FORGOTTEN_AFTER_MS = 5 * SECOND_MS;

/** What each kind of mail waits for. `finds`: jobs that are not about mail that is due yet, but make some. */
const JOBS: readonly { table: 'batches' | 'notices'; sends: JobName[]; finds: JobName[] }[] = [
  { table: 'batches', sends: ['send-batch', 'sweep'], finds: [] },
  {
    table: 'notices',
    sends: ['send-notice', 'sweep'],
    finds: ['answer-sign-ups', 'answer-link-request', 'send-welcome'],
  },
];

/**
 * A job that was offered to a worker which is gone, or to one that did not trust its clock, is published again a minute
 * later. Where mail is due and nobody sends any, that is a minute of silence: its jobs are published again at once. While
 * anybody sends, the others wait for their turn.
 */
export async function republishForgotten({ db, now }: Pick<Context, 'db' | 'now'>): Promise<void> {
  const before = new Date(now().getTime() - FORGOTTEN_AFTER_MS);
  for (const { table, sends, finds } of JOBS) {
    await db.transaction(async (tx) => {
      if (await isAnyLeased(tx, table, now())) return;
      const names = (await isAnyDue(tx, table, before)) ? [...sends, ...finds] : finds;
      if (names.length > 0) await republish(tx, names, before, now());
    });
  }
}
