import type { Socket } from 'node:net';
import { createReplyReader, type Reply, type ReplyReader } from './replies.js';
import type { Timeouts } from './timeouts.js';

/** The connection is of no more use, and why. */
export type Lost = { kind: 'lost'; reason: string };

/** An SMTP conversation on an open socket. Its functions never throw: a broken connection is an answer like others. */
export type Wire = {
  readonly socket: Socket;
  readonly read: ReplyReader;
  /** Replies that nobody has asked for yet. */
  readonly replies: Reply[];
  lost: Lost | undefined;
  answered: ((found: Reply | Lost) => void) | undefined;
  flushed: (() => void) | undefined;
  /** When what is waited for must have come, by `performance.now()`. */
  deadline: number;
};

/** Take over a socket that has no other reader. */
export function openWire(socket: Socket, timeouts: Timeouts): Wire {
  const wire: Wire = {
    socket,
    read: createReplyReader(),
    replies: [],
    lost: undefined,
    answered: undefined,
    flushed: undefined,
    deadline: Infinity,
  };
  socket.on('data', (chunk: Buffer) => take(wire, chunk));
  socket.on('error', (error) => lose(wire, `The connection failed: ${error.message}`));
  socket.on('end', () => lose(wire, 'The server closed the connection.'));
  socket.on('close', () => lose(wire, 'The connection was closed.'));
  watch(wire, timeouts);
  return wire;
}

export function write(wire: Wire, text: string): void {
  if (wire.lost === undefined) wire.socket.write(text);
}

/**
 * Write, and resolve once the operating system has all of it, the connection is lost, `timeout` ms are over (which loses
 * the connection), or the server spoke in between: ask `disturbance` which it was.
 */
export function flush(wire: Wire, chunks: readonly Uint8Array[], timeout: number): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      wire.deadline = Infinity;
      wire.flushed = undefined;
      resolve();
    };
    if (disturbance(wire) !== undefined) return done();
    wire.deadline = performance.now() + timeout;
    wire.flushed = done;
    writeAll(wire, chunks);
  });
}

/** The next reply, at once where it is there. When none comes within `timeout` ms, the connection is given up. */
export function nextReply(wire: Wire, timeout: number): Reply | Lost | Promise<Reply | Lost> {
  const ready = wire.replies.shift() ?? wire.lost;
  if (ready !== undefined) return ready;
  wire.deadline = performance.now() + timeout;
  return new Promise((resolve) => {
    wire.answered = (found) => {
      wire.deadline = Infinity;
      wire.answered = undefined;
      resolve(found);
    };
  });
}

/** What came although nobody was waiting: a reply out of turn, or the end of the connection. */
export function disturbance(wire: Wire): Reply | Lost | undefined {
  if (!wire.socket.writable) lose(wire, 'The connection was closed.');
  return wire.replies[0] ?? wire.lost;
}

/** End it ourselves: what the server has said and nobody has asked for does not count any more. */
export function hangUp(wire: Wire): void {
  wire.replies.length = 0;
  lose(wire, 'We closed the connection.');
}

/** Give the connection up, at once. What the server said before can still be asked for. */
export function lose(wire: Wire, reason: string): void {
  wire.lost ??= { kind: 'lost', reason };
  wire.socket.destroy();
  wire.answered?.(wire.lost);
  wire.flushed?.();
}

/** One timer for all the waiting of a connection: starting one for every reply would cost more than reading it. */
function watch(wire: Wire, { command, data, block, dot }: Timeouts): void {
  const timer = setInterval(
    () => {
      if (performance.now() < wire.deadline) return;
      lose(
        wire,
        wire.flushed === undefined ? 'The server did not answer in time.' : 'The server stopped reading.',
      );
    },
    Math.min(command, data, block, dot) / 4,
  );
  wire.socket.once('close', () => clearInterval(timer));
}

/** Corked, so that all chunks leave in one call to the operating system and not one is copied. */
function writeAll({ socket, flushed }: Wire, chunks: readonly Uint8Array[]): void {
  socket.cork();
  chunks.forEach((chunk, at) => socket.write(chunk, at === chunks.length - 1 ? flushed : undefined));
  socket.uncork();
}

function take(wire: Wire, chunk: Buffer): void {
  if (wire.lost !== undefined) return;
  for (const found of wire.read(chunk)) {
    if (found === 'garbled') lose(wire, 'The server answered something that is no SMTP reply.');
    else if (wire.answered === undefined) wire.replies.push(found);
    else wire.answered(found);
    wire.flushed?.();
  }
}
