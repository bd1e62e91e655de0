import type { Socket } from 'node:net';
import { createReplyReader, type Reply, type ReplyReader } from './reply-reader.js';
import type { Timeouts } from './timeouts.js';

/** The connection is of no more use, and why. */
export type ConnectionLost = { kind: 'lost'; reason: string };

/** An SMTP conversation on an open socket. Its functions never throw: a broken connection is an answer like others. */
export type SmtpStream = {
  readonly socket: Socket;
  readonly parseReplies: ReplyReader;
  /** Replies that nobody has asked for yet. */
  readonly replies: Reply[];
  lost: ConnectionLost | undefined;
  onReply: ((found: Reply | ConnectionLost) => void) | undefined;
  onFlushed: (() => void) | undefined;
  /** When what is waited for must have come, by `performance.now()`. */
  deadline: number;
};

/** Take over a socket that has no other reader. */
export function openStream(socket: Socket, timeouts: Timeouts): SmtpStream {
  const wire: SmtpStream = {
    socket,
    parseReplies: createReplyReader(),
    replies: [],
    lost: undefined,
    onReply: undefined,
    onFlushed: undefined,
    deadline: Infinity,
  };
  socket.on('data', (chunk: Buffer) => handleChunk(wire, chunk));
  socket.on('error', (error) => abortStream(wire, `The connection failed: ${error.message}`));
  socket.on('end', () => abortStream(wire, 'The server closed the connection.'));
  socket.on('close', () => abortStream(wire, 'The connection was closed.'));
  startTimeoutTimer(wire, timeouts);
  return wire;
}

export function writeText(wire: SmtpStream, text: string): void {
  if (wire.lost === undefined) wire.socket.write(text);
}

/**
 * Write, and resolve once the operating system has all of it, the connection is lost, `timeout` ms are over (which loses
 * the connection), or the server spoke in between: ask `disturbance` which it was.
 */
export function writeBody(wire: SmtpStream, chunks: readonly Uint8Array[], timeout: number): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      wire.deadline = Infinity;
      wire.onFlushed = undefined;
      resolve();
    };
    if (unexpectedInput(wire) !== undefined) return done();
    wire.deadline = performance.now() + timeout;
    wire.onFlushed = done;
    writeCorked(wire, chunks);
  });
}

/** The next reply, at once where it is there. When none comes within `timeout` ms, the connection is given up. */
export function nextReply(
  wire: SmtpStream,
  timeout: number,
): Reply | ConnectionLost | Promise<Reply | ConnectionLost> {
  const ready = wire.replies.shift() ?? wire.lost;
  if (ready !== undefined) return ready;
  wire.deadline = performance.now() + timeout;
  return new Promise((resolve) => {
    wire.onReply = (found) => {
      wire.deadline = Infinity;
      wire.onReply = undefined;
      resolve(found);
    };
  });
}

/** What came although nobody was waiting: a reply out of turn, or the end of the connection. */
export function unexpectedInput(wire: SmtpStream): Reply | ConnectionLost | undefined {
  if (!wire.socket.writable) abortStream(wire, 'The connection was closed.');
  return wire.replies[0] ?? wire.lost;
}

/** End it ourselves: what the server has said and nobody has asked for does not count any more. */
export function closeStream(wire: SmtpStream): void {
  wire.replies.length = 0;
  abortStream(wire, 'We closed the connection.');
}

/** Give the connection up, at once. What the server said before can still be asked for. */
export function abortStream(wire: SmtpStream, reason: string): void {
  wire.lost ??= { kind: 'lost', reason };
  wire.socket.destroy();
  wire.onReply?.(wire.lost);
  wire.onFlushed?.();
}

/** One timer for all the waiting of a connection: starting one for every reply would cost more than reading it. */
function startTimeoutTimer(wire: SmtpStream, { command, data, block, dot }: Timeouts): void {
  const timer = setInterval(
    () => {
      if (performance.now() < wire.deadline) return;
      abortStream(
        wire,
        wire.onFlushed === undefined ? 'The server did not answer in time.' : 'The server stopped reading.',
      );
    },
    Math.min(command, data, block, dot) / 4,
  );
  wire.socket.once('close', () => clearInterval(timer));
}

/** Corked, so that all chunks leave in one call to the operating system and not one is copied. */
function writeCorked({ socket, onFlushed }: SmtpStream, chunks: readonly Uint8Array[]): void {
  socket.cork();
  chunks.forEach((chunk, at) => socket.write(chunk, at === chunks.length - 1 ? onFlushed : undefined));
  socket.uncork();
}

function handleChunk(wire: SmtpStream, chunk: Buffer): void {
  if (wire.lost !== undefined) return;
  for (const found of wire.parseReplies(chunk)) {
    if (found === 'garbled') abortStream(wire, 'The server answered something that is no SMTP reply.');
    else if (wire.onReply === undefined) wire.replies.push(found);
    else wire.onReply(found);
    wire.onFlushed?.();
  }
}
