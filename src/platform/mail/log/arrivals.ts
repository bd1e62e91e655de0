/** How many messages had begun, counted from the beginning of the log. */
export type Arrivals = number;

/** What the queue manager has taken up, of all messages whose Message-ID was logged. */
export type ArrivalTrace = {
  now(): Arrivals;
  begin(queueId: string): void;
  /** It has become active. */
  complete(queueId: string): void;
  /** It was refused, held or broken off, or the queue id is another message's now: it says nothing. */
  forget(queueId: string): void;
  /** Whether the queue manager has read its folder of new messages since, to the end. */
  hasCaughtUpSince(then: Arrivals): boolean;
};

/** Were it behind after all, an older message would be the last of so many in a folder's order, which is as good as random. */
const ENOUGH_ACTIVE = 20;
const MIN_SHARE_ACTIVE = 0.9;

/**
 * qmgr(8) is woken for each new message, and then reads its folder `incoming` to the end and makes every finished message in it
 * active, unless as many are active as may be (qmgr_message_active_limit, 20,000): then new ones wait, whichever they are. So
 * where at least twenty that began later have become active, and no more than a tenth of all that did still wait (these may be
 * broken off themselves), nothing finished is left in that folder.
 */
export function followArrivals(maxOpen: number): ArrivalTrace {
  let count = 0;
  /** Before this not all is remembered. */
  let floor = 0;
  const waiting = new Map<string, Arrivals>();
  const forgotten: Arrivals[] = [];
  return {
    now: () => count,
    begin(queueId) {
      waiting.delete(queueId);
      waiting.set(queueId, (count += 1));
      for (const [oldest, at] of waiting) {
        if (waiting.size <= maxOpen) break;
        waiting.delete(oldest);
        floor = Math.max(floor, at);
      }
    },
    complete: (queueId) => void waiting.delete(queueId),
    forget(queueId) {
      const at = waiting.get(queueId);
      if (at === undefined) return;
      waiting.delete(queueId);
      forgotten.push(at);
      if (forgotten.length > maxOpen) floor = Math.max(floor, forgotten.shift() ?? 0);
    },
    hasCaughtUpSince(then) {
      const isLater = (at: Arrivals) => at > then;
      const open = [...waiting.values()].filter(isLater).length;
      const active = count - then - open - forgotten.filter(isLater).length;
      return then >= floor && active >= ENOUGH_ACTIVE && active >= (active + open) * MIN_SHARE_ACTIVE;
    },
  };
}
