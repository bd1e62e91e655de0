import type { LogEntry } from './parse-entry.js';

/** Follows some messages through the entries of a log, in the order they were written. */
export type MessageTrace = {
  addEntry(entry: LogEntry): void;
  /** By message id: what the server calls the message it took. */
  accepted: Map<string, string>;
  /** The server has seen these, and the log does not say (not yet, perhaps) whether it took them. */
  unclear(): Set<string>;
};

/** Connections and refusals that the log leaves open are forgotten above this, so that no log fills the memory. */
const MAX_OPEN_ENTRIES = 50_000;

/**
 * A message is taken when the queue manager has it. Its name alone says nothing: cleanup(8) writes that down while the
 * header comes in, and a queue manager that has much to do looks at a message that was answered 250 only hours later. So
 * a name without more is unclear, unless its transaction was refused or broken off, or its queue id began another message.
 * @param messageIds with or without angle brackets; only what is left of the @ is compared
 */
export function traceMessages(messageIds: Iterable<string>): MessageTrace {
  const wanted = new Map([...messageIds].map((id) => [messageIdLocalPart(id), id]));
  const taken = new Map<string, string>();
  /** Named and not yet queued, by queue id. */
  const named = new Map<string, string>();
  /** Ended before they were named: daemons are not in step. */
  const over = new Map<string, true>();
  /** What each connection is at. */
  const inHand = new Map<string, string>();
  const giveUp = (queueId: string | undefined) => {
    if (queueId !== undefined && !named.delete(queueId)) storeNewest(over, queueId, true);
  };
  return {
    accepted: taken,
    unclear: () => new Set([...named.values()].filter((id) => !taken.has(id))),
    addEntry(entry) {
      switch (entry.kind) {
        case 'begun':
          named.delete(entry.queueId);
          over.delete(entry.queueId);
          return storeNewest(inHand, entry.connection, entry.queueId);
        case 'named': {
          named.delete(entry.queueId);
          const id = wanted.get(messageIdLocalPart(entry.messageId));
          if (!over.delete(entry.queueId) && id !== undefined) named.set(entry.queueId, id);
          return;
        }
        case 'refused':
          return giveUp(entry.queueId);
        case 'broken-off':
          giveUp(inHand.get(entry.connection));
          inHand.delete(entry.connection);
          return;
        case 'hung-up':
          inHand.delete(entry.connection);
          return;
        case 'queued': {
          const id = named.get(entry.queueId);
          if (id !== undefined) taken.set(id, entry.queueId);
          named.delete(entry.queueId);
          return;
        }
        case 'taken': {
          const id = wanted.get(messageIdLocalPart(entry.messageId));
          if (id !== undefined) taken.set(id, entry.queueId);
        }
      }
    },
  };
}

/** A message keeps this when its newsletter's domain changes between two attempts. */
function messageIdLocalPart(messageId: string): string {
  const at = messageId.lastIndexOf('@');
  return messageId.slice(messageId.startsWith('<') ? 1 : 0, at < 0 ? undefined : at);
}

/** Keeps what is newest. */
function storeNewest<Value>(map: Map<string, Value>, key: string, value: Value): void {
  map.delete(key);
  map.set(key, value);
  for (const [oldest] of map) {
    if (map.size <= MAX_OPEN_ENTRIES) return;
    map.delete(oldest);
  }
}
