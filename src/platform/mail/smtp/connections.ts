import { SECOND_MS } from '../../durations.js';
import type { Outcome } from '../classify/outcome.js';
import { endSession, isUsable, type SmtpSession } from './session.js';
import { abortStream } from './smtp-stream.js';
import type { Timeouts } from './timeouts.js';

/** The connections to one server, at most `maxConnections`, which are kept open between messages. */
export type Connections = {
  readonly options: ConnectionsOptions;
  /** How many connections are being opened. */
  opening: number;
  /** Those that send. */
  readonly busy: Set<SmtpSession>;
  /** Those that do not, in the order in which they became idle. */
  readonly idle: Map<SmtpSession, NodeJS.Timeout>;
  /** Those that are being closed, which servers may still count. */
  readonly ending: Set<Promise<void>>;
  /** Set while no other connection is opened, after an attempt failed. */
  retryTimer: NodeJS.Timeout | undefined;
  readonly closing: AbortController;
};

export type ConnectionsOptions = {
  open: (abort: AbortSignal) => Promise<SmtpSession | Outcome>;
  maxConnections: number;
  timeouts: Timeouts;
  /** Called when one more may be opened than before. */
  onCapacity: () => void;
};

/** How long to wait after opening one more failed while others work. */
const OPEN_RETRY_MS = 5 * SECOND_MS;

export function createConnections(options: ConnectionsOptions): Connections {
  const closing = new AbortController();
  const sets = {
    busy: new Set<SmtpSession>(),
    idle: new Map<SmtpSession, NodeJS.Timeout>(),
    ending: new Set<Promise<void>>(),
  };
  return { options, opening: 0, ...sets, retryTimer: undefined, closing };
}

/** Takes an idle connection: the one used last, which is the most likely to be alive. */
export function takeIdle(connections: Connections): SmtpSession | undefined {
  for (const [session, timer] of [...connections.idle].reverse()) {
    clearTimeout(timer);
    connections.idle.delete(session);
    connections.busy.add(session);
    if (isUsable(session)) return session;
    abortStream(session.stream, 'The server closed the connection.');
    connections.busy.delete(session);
  }
  return undefined;
}

/** Whether one more may be opened. After a failure it may at once only if there is no other. */
export function canOpen(connections: Connections): boolean {
  const { opening, busy, idle, ending, options, retryTimer, closing } = connections;
  if (closing.signal.aborted || opening + busy.size + idle.size + ending.size >= options.maxConnections)
    return false;
  return retryTimer === undefined || hasNoConnection(connections);
}

export function hasNoConnection({ opening, busy, idle }: Connections): boolean {
  return opening + busy.size + idle.size === 0;
}

/** Opens a connection, which counts as busy from the start. An outcome says why that failed. */
export async function openConnection(connections: Connections): Promise<SmtpSession | Outcome> {
  connections.opening += 1;
  const session = await connections.options.open(connections.closing.signal);
  connections.opening -= 1;
  if ('stream' in session) connections.busy.add(session);
  else scheduleRetry(connections);
  return session;
}

/** Keeps a connection that has no more work as idle, or closes it. Resolves when that is done. */
export async function releaseConnection(connections: Connections, session: SmtpSession): Promise<void> {
  connections.busy.delete(session);
  session.isNew = false;
  if (connections.closing.signal.aborted || !isUsable(session)) return closeConnection(connections, session);
  const timer = setTimeout(() => {
    connections.idle.delete(session);
    void closeConnection(connections, session).then(connections.options.onCapacity);
  }, connections.options.timeouts.idle);
  connections.idle.set(session, timer);
}

/** Opens no more connections, closes idle ones, and aborts the others after `timeouts.closing`. */
export async function closeConnections(connections: Connections, whenDone: Promise<unknown>): Promise<void> {
  const { busy, idle, closing, options } = connections;
  closing.abort();
  clearTimeout(connections.retryTimer);
  for (const timer of idle.values()) clearTimeout(timer);
  for (const session of idle.keys()) void closeConnection(connections, session);
  idle.clear();
  const abortTimer = setTimeout(() => {
    for (const { stream } of busy) abortStream(stream, 'Sending was stopped.');
  }, options.timeouts.closing);
  await Promise.all([...connections.ending, whenDone]);
  clearTimeout(abortTimer);
}

function scheduleRetry(connections: Connections): void {
  clearTimeout(connections.retryTimer);
  if (connections.closing.signal.aborted) return;
  connections.retryTimer = setTimeout(() => {
    connections.retryTimer = undefined;
    connections.options.onCapacity();
  }, OPEN_RETRY_MS);
}

async function closeConnection({ ending }: Connections, session: SmtpSession): Promise<void> {
  const ended = endSession(session);
  ending.add(ended);
  await ended;
  ending.delete(ended);
}
