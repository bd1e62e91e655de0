import type { Context } from '../platform/context.js';
import { enqueueMissing } from '../platform/jobs/outbox.js';
import { hubsDue } from './feed.js';
import { listFeedsDue, listHubsDue } from './feed-reads.js';

const MOST_AT_ONCE = 500;
/** Promises a look at every feed that is due, and a word with every hub whose promise ends or was never given. */
export async function promisePolls({ db, now }: Pick<Context, 'db' | 'now'>): Promise<void> {
  const feeds = await listFeedsDue(db, now(), MOST_AT_ONCE);
  const hubs = await listHubsDue(db, hubsDue(now()));
  await db.transaction(async (tx) => {
    await enqueueMissing(tx, 'poll-feed', feeds.map(byId), now());
    await enqueueMissing(tx, 'subscribe-hub', hubs.map(byId), now());
  });
}

function byId({ id }: { id: string }): { feedId: string } {
  return { feedId: id };
}
