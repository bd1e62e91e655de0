import type { Outcome } from './outcome.js';
import { endSession, isUsable, openSession, type Session } from './session.js';
import type { SmtpServerAddress } from './smtp-url.js';
import type { Timeouts } from './timeouts.js';
import { lose } from './wire.js';

/** At most so many connections to one server, kept open between messages. */
export type Pool = {
  /** Do something with a connection of one's own; waits for its turn. An outcome when there is no connection to be had. */
  use<T>(work: (session: Session) => Promise<T>): Promise<T | Outcome>;
  /** Takes no new work, lets what is under way finish for a while, then cuts it off. */
  close(): Promise<void>;
};

type State = {
  readonly server: SmtpServerAddress;
  readonly timeouts: Timeouts;
  readonly abort: AbortController;
  readonly idle: Map<Session, NodeJS.Timeout>;
  readonly underway: Set<Promise<unknown>>;
  readonly queue: (() => void)[];
  free: number;
  closed: boolean;
};

export function createPool(server: SmtpServerAddress, connections: number, timeouts: Timeouts): Pool {
  const state: State = {
    server,
    timeouts,
    abort: new AbortController(),
    idle: new Map(),
    underway: new Set(),
    queue: [],
    free: Math.min(connections, server.connections ?? connections),
    closed: false,
  };
  return { use: (work) => tracked(state, use(state, work)), close: () => close(state) };
}

/** Whoever has a turn takes an idle connection before opening one, so open connections never outnumber turns. */
async function use<T>(state: State, work: (session: Session) => Promise<T>): Promise<T | Outcome> {
  await turn(state);
  const session = takeIdle(state) ?? (await open(state));
  if (!('wire' in session)) {
    pass(state);
    return session;
  }
  try {
    session.uses += 1;
    return await work(session);
  } finally {
    void tracked(state, putBack(state, session));
  }
}

async function open(state: State): Promise<Session | Outcome> {
  if (state.closed) return { kind: 'not-sent', answer: 'Sending was stopped.' };
  return openSession(state.server, state.timeouts, state.abort.signal);
}

/** The one used last is the most likely to be alive still. */
function takeIdle(state: State): Session | undefined {
  for (const [session, timer] of [...state.idle].reverse()) {
    clearTimeout(timer);
    state.idle.delete(session);
    if (isUsable(session)) return session;
    lose(session.wire, 'The server closed the connection.');
  }
  return undefined;
}

/** The turn passes on only when the connection is idle or gone: some servers count them. */
async function putBack(state: State, session: Session): Promise<void> {
  const isSpent = session.uses >= state.server.messagesPerConnection;
  if (state.closed || isSpent || !isUsable(session)) await endSession(session);
  else state.idle.set(session, endLater(state, session));
  pass(state);
}

function endLater(state: State, session: Session): NodeJS.Timeout {
  return setTimeout(() => {
    state.idle.delete(session);
    void tracked(state, endSession(session));
  }, state.timeouts.idle);
}

function turn(state: State): Promise<void> {
  if (state.free === 0) return new Promise((resolve) => state.queue.push(resolve));
  state.free -= 1;
  return Promise.resolve();
}

function pass(state: State): void {
  const next = state.queue.shift();
  if (next === undefined) state.free += 1;
  else next();
}

async function close(state: State): Promise<void> {
  state.closed = true;
  const cutOff = setTimeout(() => state.abort.abort(), state.timeouts.closing);
  for (const [session, timer] of state.idle) {
    clearTimeout(timer);
    void tracked(state, endSession(session));
  }
  state.idle.clear();
  for (const next of state.queue.splice(0)) next();
  while (state.underway.size > 0) await Promise.allSettled(state.underway);
  clearTimeout(cutOff);
}

/** What `close` waits for. */
function tracked<T>(state: State, work: Promise<T>): Promise<T> {
  state.underway.add(work);
  const forget = () => state.underway.delete(work);
  work.then(forget, forget);
  return work;
}
