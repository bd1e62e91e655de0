import { SECOND_MS } from '../../durations.js';
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
  /** Undefined: we can connect and log in; otherwise why not. */
  findFault(): Promise<string | undefined>;
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
  findingFault: Promise<string | undefined> | undefined;
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
    findingFault: undefined,
  };
  return {
    send: queue.enqueue,
    findFault: () =>
      (state.findingFault ??= findFault(state).finally(() => (state.findingFault = undefined))),
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

/**
 * Undefined when it worked, otherwise the outcome that says why not. If there is no other connection, all messages that
 * wait are resolved with it.
 */
async function openAndSend(state: State): Promise<Outcome | undefined> {
  const { connections, queue } = state;
  const timer = setInterval(() => giveBackUnanswered(state), connections.options.timeouts.connect);
  const session = await openConnection(connections);
  clearInterval(timer);
  if ('stream' in session) {
    void trackWork(state, sendOver(state, session));
    return undefined;
  }
  if (hasNoConnection(connections)) queue.resolveAll(session);
  return session;
}

/** A server may take minutes to greet (RFC 5321 section 4.5.3.2.1), during which operators must hear that mail waits. */
function giveBackUnanswered({ queue, connections }: State): void {
  const { busy, idle, options } = connections;
  if (busy.size + idle.size > 0) return;
  const seconds = options.timeouts.connect / SECOND_MS;
  queue.resolveAll({ kind: 'unreachable', reply: `It has not let us in for ${seconds} seconds.` });
}

/** A busy connection shows that the server lets us in. Idle ones are tried with NOOP; if none is alive, a new one is opened. */
async function findFault(state: State): Promise<string | undefined> {
  const { connections } = state;
  for (let session = takeIdle(connections); session !== undefined; session = takeIdle(connections)) {
    const alive = await isAlive(session);
    const done = trackWork(state, sendOver(state, session));
    if (alive) return undefined;
    await done;
  }
  if (connections.busy.size > 0) return undefined;
  if (!canOpen(connections)) return 'No more connections can be opened now.';
  const failed = await trackWork(state, openAndSend(state));
  return failed !== undefined && 'reply' in failed ? failed.reply : undefined;
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
