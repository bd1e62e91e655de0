import { MINUTE_MS } from '../../durations.js';
import type { LogEntry } from './parse-entry.js';
import { followArrivals, type Arrivals } from './arrivals.js';

/** Follows messages through the entries of a log, which are added in the order in which they were written. */
export type MessageTrace = {
  /** @param at when a `server-started` was written */
  addEntry(entry: LogEntry, at?: Date): void;
  /** The server's queue id of each accepted message, by message id. */
  accepted: Map<string, string>;
  /**
   * The messages that the server has seen, and whether it accepted them is not in the log, or not yet.
   * @param until the time of the last line
   */
  unclear(until: Date | undefined): Map<string, UnclearReason>;
};

/** `begun`: nothing shows yet whether it was finished. `held`: it would never become active. */
export type UnclearReason = 'begun' | 'held';

/** Open connections and refusals are remembered up to this many; then the oldest are deleted, to limit memory. */
const MAX_OPEN_ENTRIES = 50_000;

/** A wanted message whose Message-ID was logged. */
type Named = {
  id: string;
  receiver: string;
  isHeld: boolean;
  doneAt: Arrivals | undefined;
  /** When the server was started again, with whoever received it neither done nor known to be killed. */
  left: { at: Date; arrivals: Arrivals } | undefined;
};

/**
 * When master(8) is killed, a daemon that is not finishes what it does, which a mail filter can delay by five minutes
 * (milter_content_timeout); then it ends.
 */
const MAX_LEFT_MS = 6 * MINUTE_MS;

/**
 * In Postfix a message is accepted when qmgr(8) logs it. A line with its Message-ID alone does not show that: cleanup(8) writes
 * it while the header comes in, and a busy queue manager may take up a message hours after it was answered with 250. So a
 * message with that line alone is unclear, unless its transaction was refused or ended early, its queue id became another
 * message's, or the queue manager has since caught up without it (`arrivals.ts`). That the process was killed that served the
 * client shows nothing: cleanup(8) finishes a message whose end it has.
 * @param messageIds with or without angle brackets; only the part before the @ is compared
 */
export function traceMessages(messageIds: Iterable<string>): MessageTrace {
  const wanted = new Map([...messageIds].map((id) => [messageIdLocalPart(id), id]));
  const accepted = new Map<string, string>();
  /** By queue id: those not queued yet. */
  const named = new Map<string, Named>();
  /** Queue ids of messages that ended before their Message-ID was logged: the daemons log independently of each other. */
  const endedEarly = new Map<string, true>();
  /** The same for those held back. */
  const heldEarly = new Map<string, true>();
  /** The queue id of the message that a connection receives, by connection. */
  const currentMessages = new Map<string, string>();
  const arrivals = followArrivals(MAX_OPEN_ENTRIES);
  const endMessage = (queueId: string | undefined) => {
    if (queueId === undefined) return;
    arrivals.forget(queueId);
    if (!named.delete(queueId)) storeNewest(endedEarly, queueId, true);
  };
  /** Whoever received it is done with it, so that it was finished by now or never is. */
  const finish = (message: Named | undefined) => {
    if (message !== undefined) message.doneAt ??= arrivals.now();
  };
  const finishAllOf = (receiver: string) =>
    [...named.values()].filter((each) => each.receiver === receiver).forEach(finish);
  const endConnection = (connection: string) => {
    finish(named.get(currentMessages.get(connection) ?? ''));
    currentMessages.delete(connection);
  };
  return {
    accepted,
    unclear: (until) => {
      const waiting = [...named.values()].filter(({ id }) => !accepted.has(id));
      const open = waiting.filter((message) => {
        const doneAt = message.doneAt ?? leftAt(message, until);
        return message.isHeld || doneAt === undefined || !arrivals.hasCaughtUpSince(doneAt);
      });
      return new Map(open.map(({ id, isHeld }) => [id, isHeld ? 'held' : 'begun']));
    },
    addEntry(entry, at) {
      switch (entry.kind) {
        case 'started':
          endConnection(entry.connection);
          named.delete(entry.queueId);
          arrivals.forget(entry.queueId);
          endedEarly.delete(entry.queueId);
          heldEarly.delete(entry.queueId);
          return storeNewest(currentMessages, entry.connection, entry.queueId);
        case 'named': {
          finishAllOf(entry.receiver);
          named.delete(entry.queueId);
          if (endedEarly.delete(entry.queueId)) return;
          arrivals.begin(entry.queueId);
          const id = wanted.get(messageIdLocalPart(entry.messageId));
          const { receiver, queueId } = entry;
          if (id !== undefined)
            named.set(queueId, { id, receiver, isHeld: heldEarly.has(queueId), ...NOT_DONE });
          return;
        }
        case 'held': {
          const message = named.get(entry.queueId);
          if (message === undefined) storeNewest(heldEarly, entry.queueId, true);
          else message.isHeld = true;
          return arrivals.forget(entry.queueId);
        }
        case 'refused':
          return endMessage(entry.queueId);
        case 'aborted':
          endMessage(currentMessages.get(entry.connection));
          currentMessages.delete(entry.connection);
          return;
        case 'disconnected':
          return endConnection(entry.connection);
        case 'killed':
          currentMessages.delete(entry.pid);
          return finishAllOf(entry.pid);
        case 'queued': {
          const message = named.get(entry.queueId);
          if (message !== undefined) accepted.set(message.id, entry.queueId);
          named.delete(entry.queueId);
          return arrivals.complete(entry.queueId);
        }
        case 'accepted': {
          const id = wanted.get(messageIdLocalPart(entry.messageId));
          if (id !== undefined) accepted.set(id, entry.queueId);
          return;
        }
        case 'server-started':
          if (at !== undefined)
            for (const message of named.values()) message.left ??= { at, arrivals: arrivals.now() };
          return;
        case 'server-stopped':
        case 'lines-lost':
      }
    },
  };
}

const NOT_DONE = { doneAt: undefined, left: undefined };

function leftAt({ left }: Named, until: Date | undefined): Arrivals | undefined {
  if (left === undefined || until === undefined) return undefined;
  return until.getTime() - left.at.getTime() >= MAX_LEFT_MS ? left.arrivals : undefined;
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
