import type { Context } from '../../platform/context.js';
import type { Tx } from '../../platform/db/database.js';
import { lowerWatermarks, markPaused } from './pause-writes.js';
import { insertConsent } from '../consent/writes.js';

/** Until when (null: until she says so), and whether what she misses comes afterwards, in one digest. */
export type Pause = { until: Date | null; catchUp: boolean };

/** Stops her mail for a while, from the next message on. A pause that has begun gets this end instead. */
export function pauseSubscription(
  { db, now }: Pick<Context, 'db' | 'now'>,
  subscriptionId: string,
  pause: Pause,
): Promise<{ kind: 'paused' | 'not-subscribed' }> {
  return db.transaction(async (tx) => {
    const row = await markPaused(tx, subscriptionId, pause, now());
    if (row === undefined) return { kind: 'not-subscribed' };
    await insertConsent(tx, { subscriptionId, kind: 'paused' }, now());
    return { kind: 'paused' };
  });
}

/** Lowers the watermark of readers who paused and want a catch-up: what was planned for them and not sent is planned again. */
export async function lowerPausedWatermarks(
  tx: Tx,
  readers: readonly { id: string; watermark: number }[],
): Promise<void> {
  await lowerWatermarks(tx, readers);
}
