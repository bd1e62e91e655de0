import type { LogEntry } from './parse-entry.js';

/** Follows messages through the entries of a log, which are added in the order in which they were written. */
export type MessageTrace = {
  addEntry(entry: LogEntry): void;
  /** The server's queue id of each accepted message, by message id. */
  accepted: Map<string, string>;
  /** The ids of messages that the server has seen; whether it accepted them is not in the log, or not yet. */
  unclear(): Set<string>;
};

/** Open connections and refusals are remembered up to this many; then the oldest are deleted, to limit memory. */
const MAX_OPEN_ENTRIES = 50_000;

/**
 * In Postfix a message is accepted when qmgr(8) logs it. A line with its Message-ID alone does not show that: cleanup(8) writes
 * it while the header comes in, and a busy queue manager may take up a message hours after it was answered with 250. So a
 * message with that line alone is unclear, unless its transaction was refused or ended early, or its queue id became another
 * message's.
 * @param messageIds with or without angle brackets; only the part before the @ is compared
 */
export function traceMessages(messageIds: Iterable<string>): MessageTrace {
  const wanted = new Map([...messageIds].map((id) => [messageIdLocalPart(id), id]));
  const accepted = new Map<string, string>();
  /** Messages whose Message-ID was logged and which are not queued yet, by queue id. */
  const named = new Map<string, string>();
  /** Queue ids of messages that ended before their Message-ID was logged: the daemons log independently of each other. */
  const endedEarly = new Map<string, true>();
  /** The queue id of the message that a connection receives, by connection. */
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

/** The local part stays the same when the newsletter's domain changes between two attempts. */
function messageIdLocalPart(messageId: string): string {
  const at = messageId.lastIndexOf('@');
  return messageId.slice(messageId.startsWith('<') ? 1 : 0, at < 0 ? undefined : at);
}

/** Sets an entry, and deletes the oldest one if there are too many. */
function storeNewest<Value>(map: Map<string, Value>, key: string, value: Value): void {
  map.delete(key);
  map.set(key, value);
  for (const [oldest] of map) {
    if (map.size <= MAX_OPEN_ENTRIES) return;
    map.delete(oldest);
  }
}
