import { SECOND_MS } from '../../durations.js';
import type { Outcome } from '../classify/outcome.js';
import { endSession, isUsable, type SmtpSession } from './session.js';
import { abortStream } from './smtp-stream.js';
import type { Timeouts } from './timeouts.js';

/** At most `maxConnections` connections to one server, kept open between messages. */
export type Connections = {
  readonly options: ConnectionsOptions;
  /** How many are being opened. */
  opening: number;
  /** Those with work. */
  readonly busy: Set<SmtpSession>;
  /** Those without, in the order they became idle. */
  readonly idle: Map<SmtpSession, NodeJS.Timeout>;
  /** Those that are being closed: some servers still count them. */
  readonly ending: Set<Promise<void>>;
  /** Set while it is too early to open another one. */
  retryTimer: NodeJS.Timeout | undefined;
  readonly closing: AbortController;
};

export type ConnectionsOptions = {
  open: (abort: AbortSignal) => Promise<SmtpSession | Outcome>;
  maxConnections: number;
  timeouts: Timeouts;
  /** Called when one more may be opened than a moment ago. */
  onCapacity: () => void;
};

/** After an attempt to open one more failed while others work: when it is tried again. */
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

/** An idle connection for work that begins now. The one used last is the most likely to be alive still. */
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

/** May one more be opened? After a failure, at once only when there is no other. */
export function canOpen(connections: Connections): boolean {
  const { opening, busy, idle, ending, options, retryTimer, closing } = connections;
  if (closing.signal.aborted || opening + busy.size + idle.size + ending.size >= options.maxConnections)
    return false;
  return retryTimer === undefined || hasNoConnection(connections);
}

/** None is open and none is being opened. */
export function hasNoConnection({ opening, busy, idle }: Connections): boolean {
  return opening + busy.size + idle.size === 0;
}

/** Opens a connection for work that begins now; an outcome says why there is none. */
export async function openConnection(connections: Connections): Promise<SmtpSession | Outcome> {
  connections.opening += 1;
  const session = await connections.options.open(connections.closing.signal);
  connections.opening -= 1;
  if ('stream' in session) connections.busy.add(session);
  else scheduleRetry(connections);
  return session;
}

/** For a connection without work. Resolves when it is idle or closed. */
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

/** Opens no more and closes those without work. The others are aborted when `timeouts.closing` is over. */
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
