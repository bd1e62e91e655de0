import type { Context } from '../../platform/context.js';
import { enqueueMissing } from '../../platform/jobs/outbox.js';
import { listFeedsDue, listHubsToRenew } from '../feeds/reads.js';
import { hubRenewalCutoffs } from '../feeds/hub.js';

const MAX_FEEDS_PER_RUN = 500;

/** Enqueues a poll of every feed that is due, and a subscription at every hub whose lease ends soon or was never given. */
export async function enqueueDuePolls({ db, now }: Pick<Context, 'db' | 'now'>): Promise<void> {
  const feeds = await listFeedsDue(db, now(), MAX_FEEDS_PER_RUN);
  const hubs = await listHubsToRenew(db, hubRenewalCutoffs(now()));
  await db.transaction(async (tx) => {
    await enqueueMissing(tx, 'poll-feed', feeds.map(toPayload), now());
    await enqueueMissing(tx, 'subscribe-hub', hubs.map(toPayload), now());
  });
}

function toPayload({ id }: { id: string }): { feedId: string } {
  return { feedId: id };
}
