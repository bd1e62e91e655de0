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

/** The queue of messages to one server, and the connections that send them. */
export type SmtpPool = {
  /** Resolves with what became of the message; never rejects. */
  send(request: SendRequest): Promise<Outcome>;
  /** Whether we can connect and log in. */
  verify(): Promise<boolean>;
  /** Takes no more messages. What is being sent may finish within `timeouts.closing`; then it is aborted. */
  close(): Promise<void>;
};

export type SmtpPoolOptions = {
  open: (abort: AbortSignal) => Promise<SmtpSession | Outcome>;
  connections: number;
  /** How many connections may send to one recipient domain at once; undefined: all. */
  domainConnections: number | undefined;
  timeouts: Timeouts;
  onProtocolWarning: (warning: ProtocolWarning) => void;
};

type State = {
  readonly queue: SendQueue;
  readonly connections: Connections;
  readonly onProtocolWarning: (warning: ProtocolWarning) => void;
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
  const onWork = () => startWork(state);
  const connections = createConnections({
    open,
    timeouts,
    maxConnections: options.connections,
    onCapacity: onWork,
  });
  const queue = createSendQueue({
    domainConnections,
    openingCount: () => connections.opening,
    onQueued: onWork,
  });
  const state: State = {
    queue,
    connections,
    onProtocolWarning,
    pendingWork: new Set(),
    verifying: undefined,
  };
  return {
    send: queue.enqueue,
    verify: () => (state.verifying ??= verify(state).finally(() => (state.verifying = undefined))),
    close: () => close(state),
  };
}

/**
 * Gives waiting messages to idle connections, and opens connections for those that are left, except one for each that is
 * being opened.
 */
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

/** True when it could connect. If there is no connection at all, all waiting messages are resolved with the reason. */
async function openAndSend(state: State): Promise<boolean> {
  const session = await openConnection(state.connections);
  if ('stream' in session) {
    void trackWork(state, sendOver(state, session));
    return true;
  }
  if (hasNoConnection(state.connections)) state.queue.resolveAll(session);
  return false;
}

/** True while a connection is busy. Otherwise idle ones are tried with NOOP, and if none is alive, a new one is opened. */
async function verify(state: State): Promise<boolean> {
  const { connections } = state;
  for (let session = takeIdle(connections); session !== undefined; session = takeIdle(connections)) {
    const alive = await isAlive(session);
    const done = trackWork(state, sendOver(state, session));
    if (alive) return true;
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

/** Makes `close` wait for this work. */
function trackWork<T>(state: State, work: Promise<T>): Promise<T> {
  state.pendingWork.add(work);
  const untrack = () => state.pendingWork.delete(work);
  work.then(untrack, untrack);
  return work;
}
