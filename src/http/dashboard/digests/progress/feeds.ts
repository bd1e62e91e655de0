import { countReadersToCome } from '../../../../dashboard/digest-details.js';
import { readProgress, type DigestProgress } from '../../../../dashboard/digest-progress.js';
import type { Context } from '../../../../platform/context.js';
import { SECOND_MS } from '../../../../platform/durations.js';
import { isMoving } from '../digest-state.js';

/** `over`: nothing moves any more, or it is in another state: the page is loaded anew. */
export type ProgressEvent =
  | { kind: 'progress'; progress: DigestProgress & { toCome: ToCome } }
  | { kind: 'over' };

type ToCome = Awaited<ReturnType<typeof countReadersToCome>>;
type Listener = (event: ProgressEvent) => void;
type Feed = { listeners: Set<Listener>; last: ProgressEvent | undefined };

/** All who look at one digest share what is read of it. */
export type ProgressFeeds = {
  /** @returns stops it */
  watch(digestId: string, listener: Listener): () => void;
};

/** Each second while it moves; while nothing happens for half a minute, as between the hours of readers, less often. */
const [INTERVAL_MS, IDLE_INTERVAL_MS, IDLE_AFTER] = [SECOND_MS, 5 * SECOND_MS, 30];

/** Whose hours are to come changes slowly, and takes longer to count. */
const TO_COME_EVERY_MS = 30 * SECOND_MS;

type FeedContext = Pick<Context, 'db' | 'now'>;

export function createProgressFeeds(context: FeedContext): ProgressFeeds {
  const feeds = new Map<string, Feed>();
  return {
    watch: (digestId, listener) => {
      const feed = feeds.get(digestId) ?? open(digestId);
      feed.listeners.add(listener);
      if (feed.last !== undefined) listener(feed.last);
      return () => {
        feed.listeners.delete(listener);
        if (feed.listeners.size === 0 && feeds.get(digestId) === feed) feeds.delete(digestId);
      };
    },
  };

  function open(digestId: string): Feed {
    const feed: Feed = { listeners: new Set(), last: undefined };
    feeds.set(digestId, feed);
    void follow(context, digestId, feed, () => feeds.get(digestId) === feed).finally(() => {
      if (feeds.get(digestId) === feed) feeds.delete(digestId);
    });
    return feed;
  }
}

/** Looks until it is over, or nobody listens. What the database does not answer is asked again. */
async function follow(
  context: FeedContext,
  digestId: string,
  feed: Feed,
  isWatched: () => boolean,
): Promise<void> {
  const read = createReader(context, digestId);
  let [before, unchanged] = ['', 0];
  while (isWatched() && feed.last?.kind !== 'over') {
    const event = await read().catch(() => undefined);
    const now = JSON.stringify(event ?? before);
    unchanged = now === before ? unchanged + 1 : 0;
    if (event !== undefined && unchanged === 0) {
      feed.last = event;
      before = now;
    }
    // Also what did not change: the pace falls, and the end comes later.
    if (event !== undefined) for (const listener of feed.listeners) listener(event);
    await rest(unchanged > IDLE_AFTER ? IDLE_INTERVAL_MS : INTERVAL_MS);
  }
}

function createReader(context: FeedContext, digestId: string): () => Promise<ProgressEvent> {
  let counted: { at: number; toCome: ToCome } | undefined;
  let first: DigestProgress['state'] | undefined;
  return async () => {
    const progress = await readProgress(context, digestId);
    if (progress === undefined || !isMoving(progress, context.now())) return { kind: 'over' };
    first ??= progress.state;
    if (progress.state !== first) return { kind: 'over' };
    const at = performance.now();
    if (counted === undefined || at - counted.at > TO_COME_EVERY_MS)
      counted = { at, toCome: await countReadersToCome(context, progress) };
    return { kind: 'progress', progress: { ...progress, toCome: counted.toCome } };
  };
}

function rest(milliseconds: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, milliseconds).unref();
  });
}
