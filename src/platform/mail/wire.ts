import type { Socket } from 'node:net';
import { createReplyReader, type Reply, type ReplyReader } from './replies.js';

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
};

/** Take over a socket that has no other reader. */
export function openWire(socket: Socket): Wire {
  const read = createReplyReader();
  const wire: Wire = { socket, read, replies: [], lost: undefined, answered: undefined, flushed: undefined };
  socket.on('data', (chunk: Buffer) => take(wire, chunk));
  socket.on('error', (error) => lose(wire, `The connection failed: ${error.message}`));
  socket.on('end', () => lose(wire, 'The server closed the connection.'));
  socket.on('close', () => lose(wire, 'The connection was closed.'));
  return wire;
}

export function write(wire: Wire, bytes: string | Buffer): void {
  if (wire.lost === undefined) wire.socket.write(bytes);
}

/**
 * Write, and resolve once the operating system has all of it, the connection is lost, `timeout` ms are over (which loses
 * the connection), or the server spoke in between: ask `disturbance` which it was.
 */
export function flush(wire: Wire, bytes: Buffer, timeout: number): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => lose(wire, 'The server stopped reading.'), timeout);
    wire.flushed = () => {
      clearTimeout(timer);
      wire.flushed = undefined;
      resolve();
    };
    if (disturbance(wire) !== undefined) wire.flushed();
    else wire.socket.write(bytes, () => wire.flushed?.());
  });
}

/** The next reply. When none comes within `timeout` ms, the connection is given up. */
export function nextReply(wire: Wire, timeout: number): Promise<Reply | Lost> {
  const ready = wire.replies.shift() ?? wire.lost;
  if (ready !== undefined) return Promise.resolve(ready);
  return new Promise((resolve) => {
    const timer = setTimeout(
      () => lose(wire, `The server did not answer within ${timeout / 1000} s.`),
      timeout,
    );
    wire.answered = (found) => {
      clearTimeout(timer);
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

/** Give the connection up, at once. */
export function lose(wire: Wire, reason: string): void {
  wire.lost ??= { kind: 'lost', reason };
  wire.socket.destroy();
  wire.answered?.(wire.lost);
  wire.flushed?.();
}

function take(wire: Wire, chunk: Buffer): void {
  if (wire.lost !== undefined) return;
  const found = wire.read(chunk);
  if (found === 'garbled') return lose(wire, 'The server answered something that is no SMTP reply.');
  for (const reply of found) {
    if (wire.answered === undefined) wire.replies.push(reply);
    else wire.answered(reply);
  }
  wire.flushed?.();
}
