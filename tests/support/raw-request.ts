import { connect, type Socket } from 'node:net';
import { waitUntil } from './wait-until.js';

/** A client that says what it is told to, byte by byte, and waits. */
export type RawRequest = {
  socket: Socket;
  send(text: string | Buffer): void;
  /** The status of the answer, when it has one. */
  status(): Promise<number>;
  /** Everything that was answered so far. */
  answer(): string;
  hasEnded(): boolean;
};

/** Begins a request: its first line, headers, and nothing of its body. */
export function beginRequest(
  url: string,
  method: string,
  path: string,
  headers: Record<string, string | number> = {},
): RawRequest {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  let answer = '';
  let ended = false;
  socket.setEncoding('latin1');
  socket.on('data', (text: string) => (answer += text));
  socket.on('error', () => (ended = true));
  socket.on('close', () => (ended = true));
  const lines = Object.entries({ host: `${hostname}:${port}`, ...headers }).map(
    ([name, value]) => `${name}: ${value}\r\n`,
  );
  socket.write(`${method} ${path} HTTP/1.1\r\n${lines.join('')}\r\n`);
  return {
    socket,
    send: (text) => void socket.write(text),
    status: () =>
      waitUntil(() => {
        const [, status] = /^HTTP\/1\.1 (?!100)(\d{3})/m.exec(answer) ?? [];
        return status === undefined ? undefined : Number(status);
      }),
    answer: () => answer,
    hasEnded: () => ended,
  };
}
