import type { Context } from '../../platform/context.js';
import { enqueueMissing } from '../../platform/jobs/outbox.js';
import type { Feed } from './feed.js';
import { bringPollForward } from './poll-writes.js';

/** Between two polls of a feed, however often somebody asks. */
const MIN_INTERVAL_MS = 30_000;

/** When a feed may be polled because somebody asks. */
export function earliestPoll({ lastPolledAt }: Pick<Feed, 'lastPolledAt'>): Date {
  return new Date((lastPolledAt?.getTime() ?? 0) + MIN_INTERVAL_MS);
}

/** Polls a feed at once because somebody reports something new, or as soon as the last poll is half a minute old. */
export function pollSoon({ db, now }: Pick<Context, 'db' | 'now'>, feed: Feed): Promise<void> {
  const earliest = new Date(Math.max(now().getTime(), earliestPoll(feed).getTime()));
  return db.transaction(async (tx) => {
    const moved = await bringPollForward(tx, feed.id, earliest);
    if (moved !== undefined && earliest <= now())
      await enqueueMissing(tx, 'poll-feed', [{ feedId: feed.id }], now());
  });
}
