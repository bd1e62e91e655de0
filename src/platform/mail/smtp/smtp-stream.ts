import type { Socket } from 'node:net';
import { createReplyReader, type Reply, type ReplyReader } from './reply-reader.js';
import type { Timeouts } from './timeouts.js';

/** Why the connection cannot be used any more. */
export type ConnectionLost = { kind: 'lost'; reason: string };

/**
 * Commands and replies on an open socket. The functions of this file never throw: they return a broken connection as
 * `ConnectionLost`.
 */
export type SmtpStream = {
  readonly socket: Socket;
  readonly parseReplies: ReplyReader;
  /** Replies that have not been read yet. */
  readonly replies: Reply[];
  lost: ConnectionLost | undefined;
  onReply: ((reply: Reply | ConnectionLost) => void) | undefined;
  onFlushed: (() => void) | undefined;
  /** By when, in `performance.now()`, the reply or the flush that is awaited must have come; Infinity while nothing is. */
  deadline: number;
};

/** @param socket has no other reader */
export function openStream(socket: Socket, timeouts: Timeouts): SmtpStream {
  const stream: SmtpStream = {
    socket,
    parseReplies: createReplyReader(),
    replies: [],
    lost: undefined,
    onReply: undefined,
    onFlushed: undefined,
    deadline: Infinity,
  };
  socket.on('data', (chunk: Buffer) => handleChunk(stream, chunk));
  socket.on('error', (error) => abortStream(stream, `The connection failed: ${error.message}`));
  socket.on('end', () => abortStream(stream, 'The server closed the connection.'));
  socket.on('close', () => abortStream(stream, 'The connection was closed.'));
  startTimeoutTimer(stream, timeouts);
  return stream;
}

export function writeText(stream: SmtpStream, text: string): void {
  if (stream.lost === undefined) stream.socket.write(text);
}

/**
 * Writes the body. Resolves once the operating system has all of it, the connection is lost, `timeout` ms are over (which
 * aborts the connection), or the server sent something meanwhile: `unexpectedInput` says which it was.
 */
export function writeBody(stream: SmtpStream, chunks: readonly Uint8Array[], timeout: number): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      stream.deadline = Infinity;
      stream.onFlushed = undefined;
      resolve();
    };
    if (unexpectedInput(stream) !== undefined) return done();
    stream.deadline = performance.now() + timeout;
    stream.onFlushed = done;
    writeCorked(stream, chunks);
  });
}

/** The next reply; without a promise if it is there already. If none comes within `timeout` ms, the connection is aborted. */
export function nextReply(
  stream: SmtpStream,
  timeout: number,
): Reply | ConnectionLost | Promise<Reply | ConnectionLost> {
  const ready = stream.replies.shift() ?? stream.lost;
  if (ready !== undefined) return ready;
  stream.deadline = performance.now() + timeout;
  return new Promise((resolve) => {
    stream.onReply = (reply) => {
      stream.deadline = Infinity;
      stream.onReply = undefined;
      resolve(reply);
    };
  });
}

/** A reply that no command has caused, or the end of the connection; undefined without either. */
export function unexpectedInput(stream: SmtpStream): Reply | ConnectionLost | undefined {
  if (!stream.socket.writable) abortStream(stream, 'The connection was closed.');
  return stream.replies[0] ?? stream.lost;
}

/** Ends the connection from our side; replies that were not read are dropped. */
export function closeStream(stream: SmtpStream): void {
  stream.replies.length = 0;
  abortStream(stream, 'We closed the connection.');
}

/** Ends the connection at once. Replies that came before can still be read. */
export function abortStream(stream: SmtpStream, reason: string): void {
  stream.lost ??= { kind: 'lost', reason };
  stream.socket.destroy();
  stream.onReply?.(stream.lost);
  stream.onFlushed?.();
}

/** One timer for all timeouts of a connection, since starting one for each reply takes longer than reading the reply. */
function startTimeoutTimer(stream: SmtpStream, { command, data, block, finalDot }: Timeouts): void {
  const timer = setInterval(
    () => {
      if (performance.now() < stream.deadline) return;
      abortStream(
        stream,
        stream.onFlushed === undefined ? 'The server did not answer in time.' : 'The server stopped reading.',
      );
    },
    Math.min(command, data, block, finalDot) / 4,
  );
  stream.socket.once('close', () => clearInterval(timer));
}

/** Corked, so that all chunks are written in one system call, and none is copied. */
function writeCorked({ socket, onFlushed }: SmtpStream, chunks: readonly Uint8Array[]): void {
  socket.cork();
  chunks.forEach((chunk, at) => socket.write(chunk, at === chunks.length - 1 ? onFlushed : undefined));
  socket.uncork();
}

function handleChunk(stream: SmtpStream, chunk: Buffer): void {
  if (stream.lost !== undefined) return;
  for (const reply of stream.parseReplies(chunk)) {
    if (reply === 'garbled') abortStream(stream, 'The server answered something that is no SMTP reply.');
    else if (stream.onReply === undefined) stream.replies.push(reply);
    else stream.onReply(reply);
    stream.onFlushed?.();
  }
}
