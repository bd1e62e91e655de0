import { recordActivity } from '../operators/activity/record-activity.js';
import type { Context } from '../platform/context.js';
import { enqueue } from '../platform/jobs/outbox.js';
import { markLive } from './writes.js';

export type GoLiveResult =
  | { kind: 'live' }
  /** It was live before, or is archived; nothing was changed. */
  | { kind: 'not-set-up' };

/**
 * A publication that was being set up sends digests from now on.
 * @param sendsReleased true: its readers get what was released while it was set up, too, each by her rhythm; false: that
 * counts as sent
 */
export function goLive(
  context: Pick<Context, 'db' | 'now' | 'actor'>,
  publicationId: string,
  { sendsReleased }: { sendsReleased: boolean },
): Promise<GoLiveResult> {
  const { db, now } = context;
  return db.transaction(async (tx) => {
    const changed = await markLive(tx, publicationId, { sendsReleased, now: now() });
    if (changed === 0) return { kind: 'not-set-up' };
    await recordActivity(tx, context, {
      kind: 'publication.live',
      publicationId,
      subjectId: publicationId,
      after: { sendsReleased },
    });
    if (sendsReleased) await enqueue(tx, 'plan-instant', { publicationId }, now());
    return { kind: 'live' };
  });
}
