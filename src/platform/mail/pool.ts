import {
  closeAll,
  createConnections,
  isAlone,
  mayOpen,
  openOne,
  release,
  takeIdle,
  type Connections,
} from './connections.js';
import { deliverAll, type Oddity } from './deliver.js';
import { createDesk, type Desk } from './desk.js';
import type { Posting } from './message.js';
import type { Outcome } from './outcome.js';
import { isAlive, type Session } from './session.js';
import type { Timeouts } from './timeouts.js';

/** Postings that wait for one server, and the connections that work them off. */
export type Pool = {
  /** Answers what became of it; whatever goes wrong on the way is an answer too. */
  post(posting: Posting): Promise<Outcome>;
  /** Does the server let us in? */
  verify(): Promise<boolean>;
  /** Takes nothing new, lets what is on the wire finish for a while, then cuts it off. */
  close(): Promise<void>;
};

export type PoolOptions = {
  open: (abort: AbortSignal) => Promise<Session | Outcome>;
  connections: number;
  /** At most so many of them busy with one recipient domain. */
  domainConnections: number | undefined;
  timeouts: Timeouts;
  onOddity: (oddity: Oddity) => void;
};

type State = {
  readonly desk: Desk;
  readonly connections: Connections;
  readonly onOddity: (oddity: Oddity) => void;
  readonly underway: Set<Promise<unknown>>;
  verifying: Promise<boolean> | undefined;
};

export function createPool({ open, timeouts, domainConnections, onOddity, ...options }: PoolOptions): Pool {
  const onMore = () => serve(state);
  const connections = createConnections({ open, timeouts, most: options.connections, onMore });
  const desk = createDesk({ domainConnections, beingMade: () => connections.opening, onMore });
  const state: State = { desk, connections, onOddity, underway: new Set(), verifying: undefined };
  return {
    post: desk.post,
    verify: () => (state.verifying ??= verify(state).finally(() => (state.verifying = undefined))),
    close: () => close(state),
  };
}

/** Idle connections begin what waits. Those being made will find something too; where there is more, one more is made. */
function serve(state: State): void {
  const { desk, connections } = state;
  while (desk.waiting() > 0) {
    const session = takeIdle(connections);
    if (session === undefined) break;
    void tracked(state, work(state, session));
  }
  while (desk.waiting() > connections.opening && mayOpen(connections)) void tracked(state, open(state));
}

async function work(state: State, session: Session): Promise<void> {
  await deliverAll(session, state.desk, state.onOddity);
  await release(state.connections, session);
  serve(state);
}

/** Answers whether it worked. Where there is no connection at all, everyone who waits hears why. */
async function open(state: State): Promise<boolean> {
  const session = await openOne(state.connections);
  if ('wire' in session) {
    void tracked(state, work(state, session));
    return true;
  }
  if (isAlone(state.connections)) state.desk.answerAll(session);
  return false;
}

/** A connection at work says that we are let in. Idle ones are asked, and in the end the server is, with a new one. */
async function verify(state: State): Promise<boolean> {
  const { connections } = state;
  for (let session = takeIdle(connections); session !== undefined; session = takeIdle(connections)) {
    const answers = await isAlive(session);
    const done = tracked(state, work(state, session));
    if (answers) return true;
    await done;
  }
  if (connections.busy.size > 0) return true;
  return mayOpen(connections) && tracked(state, open(state));
}

async function close(state: State): Promise<void> {
  state.desk.close();
  await closeAll(state.connections, untilNothingIsUnderway(state));
}

async function untilNothingIsUnderway({ underway }: State): Promise<void> {
  while (underway.size > 0) await Promise.allSettled(underway);
}

/** What `close` waits for. */
function tracked<T>(state: State, work: Promise<T>): Promise<T> {
  state.underway.add(work);
  const forget = () => state.underway.delete(work);
  work.then(forget, forget);
  return work;
}
