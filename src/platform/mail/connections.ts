import type { Outcome } from './outcome.js';
import { endSession, isUsable, type Session } from './session.js';
import type { Timeouts } from './timeouts.js';
import { lose } from './wire.js';

/** At most `most` connections to one server, kept open between messages. */
export type Connections = {
  readonly options: ConnectionsOptions;
  /** How many are being made. */
  opening: number;
  /** Those with work. */
  readonly busy: Set<Session>;
  /** Those without, in the order they became idle. */
  readonly idle: Map<Session, NodeJS.Timeout>;
  /** Those on their way out: some servers count them. */
  readonly ending: Set<Promise<void>>;
  /** Set while it is too early to try another one. */
  pause: NodeJS.Timeout | undefined;
  readonly closing: AbortController;
};

export type ConnectionsOptions = {
  open: (abort: AbortSignal) => Promise<Session | Outcome>;
  most: number;
  timeouts: Timeouts;
  /** One more may be made than a moment ago. */
  onMore: () => void;
};

/** Milliseconds until one more is tried where some work and another one was refused. */
const PAUSE = 5000;

export function createConnections(options: ConnectionsOptions): Connections {
  const closing = new AbortController();
  const sets = {
    busy: new Set<Session>(),
    idle: new Map<Session, NodeJS.Timeout>(),
    ending: new Set<Promise<void>>(),
  };
  return { options, opening: 0, ...sets, pause: undefined, closing };
}

/** A connection for work that begins now. The one used last is the most likely to be alive still. */
export function takeIdle(connections: Connections): Session | undefined {
  for (const [session, timer] of [...connections.idle].reverse()) {
    clearTimeout(timer);
    connections.idle.delete(session);
    connections.busy.add(session);
    if (isUsable(session)) return session;
    lose(session.wire, 'The server closed the connection.');
    connections.busy.delete(session);
  }
  return undefined;
}

/** May one more be made? After a failure, at once only when there is no other. */
export function mayOpen(connections: Connections): boolean {
  const { opening, busy, idle, ending, options, pause, closing } = connections;
  if (closing.signal.aborted || opening + busy.size + idle.size + ending.size >= options.most) return false;
  return pause === undefined || isAlone(connections);
}

/** None is open and none is being made. */
export function isAlone({ opening, busy, idle }: Connections): boolean {
  return opening + busy.size + idle.size === 0;
}

/** A connection for work that begins now, or why there is none to be had. */
export async function openOne(connections: Connections): Promise<Session | Outcome> {
  connections.opening += 1;
  const session = await connections.options.open(connections.closing.signal);
  connections.opening -= 1;
  if ('wire' in session) connections.busy.add(session);
  else pauseOpening(connections);
  return session;
}

/** Its work is done. Resolves when it is idle or gone. */
export async function release(connections: Connections, session: Session): Promise<void> {
  connections.busy.delete(session);
  session.isNew = false;
  if (connections.closing.signal.aborted || !isUsable(session)) return end(connections, session);
  const timer = setTimeout(() => {
    connections.idle.delete(session);
    void end(connections, session).then(connections.options.onMore);
  }, connections.options.timeouts.idle);
  connections.idle.set(session, timer);
}

/** No new ones, and an end to those that have no work. The others are cut off when `timeouts.closing` is over. */
export async function closeAll(connections: Connections, whenDone: Promise<unknown>): Promise<void> {
  const { busy, idle, closing, options } = connections;
  closing.abort();
  clearTimeout(connections.pause);
  for (const timer of idle.values()) clearTimeout(timer);
  for (const session of idle.keys()) void end(connections, session);
  idle.clear();
  const cutOff = setTimeout(() => {
    for (const { wire } of busy) lose(wire, 'Sending was stopped.');
  }, options.timeouts.closing);
  await Promise.all([...connections.ending, whenDone]);
  clearTimeout(cutOff);
}

function pauseOpening(connections: Connections): void {
  clearTimeout(connections.pause);
  if (connections.closing.signal.aborted) return;
  connections.pause = setTimeout(() => {
    connections.pause = undefined;
    connections.options.onMore();
  }, PAUSE);
}

async function end({ ending }: Connections, session: Session): Promise<void> {
  const gone = endSession(session);
  ending.add(gone);
  await gone;
  ending.delete(gone);
}
