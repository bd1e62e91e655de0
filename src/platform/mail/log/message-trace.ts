import type { LogEntry } from './parse-entry.js';

/** Follows some messages through the entries of a log, in the order they were written. */
export type MessageTrace = {
  addEntry(entry: LogEntry): void;
  /** By message id: what the server calls the message it took. */
  accepted: Map<string, string>;
  /** The server has seen these, and the log does not say (not yet, perhaps) whether it took them. */
  unclear(): Set<string>;
};

/** Of connections and refusals that the log leaves open, the oldest are deleted above this, so that no log fills the memory. */
const MAX_OPEN_ENTRIES = 50_000;

/**
 * A message is accepted when the queue manager has it. Its Message-ID alone says nothing: cleanup(8) writes that down while the
 * header comes in, and a queue manager that has much to do looks at a message that was answered 250 only hours later. So
 * a Message-ID without more is unclear, unless its transaction was refused or broken off, or its queue id began another message.
 * @param messageIds with or without angle brackets; only what is left of the @ is compared
 */
export function traceMessages(messageIds: Iterable<string>): MessageTrace {
  const wanted = new Map([...messageIds].map((id) => [messageIdLocalPart(id), id]));
  const accepted = new Map<string, string>();
  /** Message-ID logged and not yet queued, by queue id. */
  const named = new Map<string, string>();
  /** Ended before their Message-ID was logged: daemons write independently of each other. */
  const endedEarly = new Map<string, true>();
  /** Queue id of the message that each connection receives. */
  const currentMessages = new Map<string, string>();
  const endMessage = (queueId: string | undefined) => {
    if (queueId !== undefined && !named.delete(queueId)) storeNewest(endedEarly, queueId, true);
  };
  return {
    accepted,
    unclear: () => new Set([...named.values()].filter((id) => !accepted.has(id))),
    addEntry(entry) {
      switch (entry.kind) {
        case 'started':
          named.delete(entry.queueId);
          endedEarly.delete(entry.queueId);
          return storeNewest(currentMessages, entry.connection, entry.queueId);
        case 'named': {
          named.delete(entry.queueId);
          const id = wanted.get(messageIdLocalPart(entry.messageId));
          if (!endedEarly.delete(entry.queueId) && id !== undefined) named.set(entry.queueId, id);
          return;
        }
        case 'refused':
          return endMessage(entry.queueId);
        case 'aborted':
          endMessage(currentMessages.get(entry.connection));
          currentMessages.delete(entry.connection);
          return;
        case 'disconnected':
          currentMessages.delete(entry.connection);
          return;
        case 'queued': {
          const id = named.get(entry.queueId);
          if (id !== undefined) accepted.set(id, entry.queueId);
          named.delete(entry.queueId);
          return;
        }
        case 'accepted': {
          const id = wanted.get(messageIdLocalPart(entry.messageId));
          if (id !== undefined) accepted.set(id, entry.queueId);
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

/** Deletes the oldest when there are too many. */
function storeNewest<Value>(map: Map<string, Value>, key: string, value: Value): void {
  map.delete(key);
  map.set(key, value);
  for (const [oldest] of map) {
    if (map.size <= MAX_OPEN_ENTRIES) return;
    map.delete(oldest);
  }
}
