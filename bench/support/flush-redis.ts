import { once } from 'node:events';
import { connect } from 'node:net';

/** Empties it, by Redis' inline commands, which need no client library. */
export async function flushRedis(url: string): Promise<void> {
  const { hostname, port, password } = new URL(url);
  const socket = connect(Number(port), hostname);
  socket.write(`AUTH ${password}\r\nFLUSHALL\r\nQUIT\r\n`);
  let answer = '';
  socket.setEncoding('utf8').on('data', (text: string) => (answer += text));
  await once(socket, 'close');
  if (answer !== '+OK\r\n+OK\r\n+OK\r\n') throw new Error(`Redis answered ${answer}`);
}
