import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';

/** A way to a Postgres on which the connection breaks at a chosen statement. */
export type PostgresProxy = {
  url: string;
  /**
   * The connection that carries a statement for which `isChosen` is true breaks. `before`: Postgres never sees it. `after`:
   * Postgres has done it, a COMMIT too, and its reply is lost.
   * @param isChosen is asked once for each statement, with its bytes on the wire; undefined: no connection breaks
   */
  breakAt(isChosen: ((statement: Buffer) => boolean) | undefined, when?: 'before' | 'after'): void;
  close(): void;
};

/** @param target the address of a database */
export async function openPostgresProxy(target: string): Promise<PostgresProxy> {
  const url = new URL(target);
  const upstreamPort = Number(url.port);
  const upstreamHost = url.hostname;
  let isChosen: ((statement: Buffer) => boolean) | undefined;
  let chosenWhen: 'before' | 'after' = 'after';
  const sockets = new Set<Socket>();
  const server = createServer((client) => {
    const upstream = connect(upstreamPort, upstreamHost);
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket.on('error', () => {});
      socket.on('close', () => (client.destroy(), upstream.destroy(), sockets.delete(socket)));
    }
    let isReplyLost = false;
    const statements = splitStatements((bytes, isStatement) => {
      const isBreaking = isStatement && isChosen?.(bytes) === true;
      if (isBreaking && chosenWhen === 'before') return void client.destroy();
      isReplyLost ||= isBreaking;
      upstream.write(bytes);
    });
    client.on('data', statements);
    upstream.on('data', (bytes: Buffer) => {
      if (!isReplyLost) return void client.write(bytes);
      // ReadyForQuery ends the reply: what was asked is done, and a COMMIT is on disk.
      if (bytes.at(-6) === READY_FOR_QUERY) client.destroy();
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  Object.assign(url, { hostname: '127.0.0.1', port: String((server.address() as AddressInfo).port) });
  return {
    url: url.toString(),
    breakAt: (choose, when = 'after') => {
      isChosen = choose;
      chosenWhen = when;
    },
    close: () => {
      for (const socket of sockets) socket.destroy();
      server.close();
    },
  };
}

const READY_FOR_QUERY = 'Z'.charCodeAt(0);
const ENDS_OF_STATEMENT = new Set(['Q', 'S'].map((type) => type.charCodeAt(0)));

/**
 * Calls back with what belongs to one statement: a simple query, or the messages of an extended one up to its Sync
 * (https://www.postgresql.org/docs/current/protocol-flow.html). The start-up message has no type.
 */
function splitStatements(onPart: (bytes: Buffer, isStatement: boolean) => void): (bytes: Buffer) => void {
  let buffered = Buffer.alloc(0);
  let isStarted = false;
  let end = 0;
  return (bytes) => {
    buffered = Buffer.concat([buffered, bytes]);
    for (;;) {
      const header = isStarted ? 1 : 0;
      if (buffered.length < end + header + 4) return;
      const next = end + header + buffered.readInt32BE(end + header);
      if (buffered.length < next) return;
      const type = isStarted ? buffered[end] : undefined;
      end = next;
      const isStatement = type !== undefined && ENDS_OF_STATEMENT.has(type);
      if (isStarted && !isStatement && !ALONE.has(type ?? 0)) continue;
      isStarted = true;
      const part = buffered.subarray(0, end);
      buffered = buffered.subarray(end);
      end = 0;
      onPart(part, isStatement);
    }
  };
}

/** Password and SASL messages, and Terminate: they stand for themselves. */
const ALONE = new Set(['p', 'X'].map((type) => type.charCodeAt(0)));
