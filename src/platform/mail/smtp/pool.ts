import {
  closeConnections,
  createConnections,
  hasNoConnection,
  canOpen,
  openConnection,
  releaseConnection,
  takeIdle,
  type Connections,
} from './connections.js';
import { sendMessages, type ProtocolWarning } from './send-messages.js';
import { createSendQueue, type SendQueue } from './send-queue.js';
import type { SendRequest } from '../message.js';
import type { Outcome } from '../classify/outcome.js';
import { isAlive, type SmtpSession } from './session.js';
import type { Timeouts } from './timeouts.js';

/** Postings that wait for one server, and the connections that work them off. */
export type SmtpPool = {
  /** Answers what became of it; whatever goes wrong on the way is an answer too. */
  send(posting: SendRequest): Promise<Outcome>;
  /** Does the server let us in? */
  verify(): Promise<boolean>;
  /** Takes nothing new, lets what is on the wire finish for a while, then cuts it off. */
  close(): Promise<void>;
};

export type SmtpPoolOptions = {
  open: (abort: AbortSignal) => Promise<SmtpSession | Outcome>;
  connections: number;
  /** At most so many of them busy with one recipient domain. */
  domainConnections: number | undefined;
  timeouts: Timeouts;
  onProtocolWarning: (oddity: ProtocolWarning) => void;
};

type State = {
  readonly queue: SendQueue;
  readonly connections: Connections;
  readonly onProtocolWarning: (oddity: ProtocolWarning) => void;
  readonly pendingWork: Set<Promise<unknown>>;
  verifying: Promise<boolean> | undefined;
};

export function createSmtpPool({
  open,
  timeouts,
  domainConnections,
  onProtocolWarning,
  ...options
}: SmtpPoolOptions): SmtpPool {
  const onMore = () => startWork(state);
  const connections = createConnections({
    open,
    timeouts,
    maxConnections: options.connections,
    onCapacity: onMore,
  });
  const desk = createSendQueue({
    domainConnections,
    openingCount: () => connections.opening,
    onQueued: onMore,
  });
  const state: State = {
    queue: desk,
    connections,
    onProtocolWarning: onProtocolWarning,
    pendingWork: new Set(),
    verifying: undefined,
  };
  return {
    send: desk.enqueue,
    verify: () => (state.verifying ??= verify(state).finally(() => (state.verifying = undefined))),
    close: () => close(state),
  };
}

/** Idle connections begin what waits. Those being made will find something too; where there is more, one more is made. */
function startWork(state: State): void {
  const { queue, connections } = state;
  while (queue.waitingCount() > 0) {
    const session = takeIdle(connections);
    if (session === undefined) break;
    void trackWork(state, sendOver(state, session));
  }
  while (queue.waitingCount() > connections.opening && canOpen(connections))
    void trackWork(state, openAndSend(state));
}

async function sendOver(state: State, session: SmtpSession): Promise<void> {
  await sendMessages(session, state.queue, state.onProtocolWarning);
  await releaseConnection(state.connections, session);
  startWork(state);
}

/** Answers whether it worked. Where there is no connection at all, everyone who waits hears why. */
async function openAndSend(state: State): Promise<boolean> {
  const session = await openConnection(state.connections);
  if ('stream' in session) {
    void trackWork(state, sendOver(state, session));
    return true;
  }
  if (hasNoConnection(state.connections)) state.queue.resolveAll(session);
  return false;
}

/** A connection at work says that we are let in. Idle ones are asked, and in the end the server is, with a new one. */
async function verify(state: State): Promise<boolean> {
  const { connections } = state;
  for (let session = takeIdle(connections); session !== undefined; session = takeIdle(connections)) {
    const answers = await isAlive(session);
    const done = trackWork(state, sendOver(state, session));
    if (answers) return true;
    await done;
  }
  if (connections.busy.size > 0) return true;
  return canOpen(connections) && trackWork(state, openAndSend(state));
}

async function close(state: State): Promise<void> {
  state.queue.close();
  await closeConnections(state.connections, waitForPendingWork(state));
}

async function waitForPendingWork({ pendingWork }: State): Promise<void> {
  while (pendingWork.size > 0) await Promise.allSettled(pendingWork);
}

/** What `close` waits for. */
function trackWork<T>(state: State, work: Promise<T>): Promise<T> {
  state.pendingWork.add(work);
  const forget = () => state.pendingWork.delete(work);
  work.then(forget, forget);
  return work;
}
