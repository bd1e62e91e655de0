import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Config } from '../platform/config.js';

/** A server that listens before the routes are ready; until `serve` is called it answers 503. */
export type HttpServer = { port: number; serve(listener: RequestListener): void; close(): Promise<void> };

/** How long open connections may take to finish after `close`, in milliseconds. */
const SHUTDOWN_GRACE_MS = 5_000;
const MAX_PORTS_TRIED = 50;

/** How long a client may take, in milliseconds. A slower one is answered 408 and cut off. */
export type ClientDeadlines = {
  /** To send all headers of a request. */
  headersTimeout: number;
  /** To send all of a request. */
  requestTimeout: number;
  /** Without taking or sending a byte. Longer than the answer to any request takes. */
  timeout: number;
  /** How often Node looks for requests that are late. */
  connectionsCheckingInterval: number;
};

const DEADLINES: ClientDeadlines = {
  headersTimeout: 10_000,
  requestTimeout: 30_000,
  timeout: 120_000,
  connectionsCheckingInterval: 1_000,
};

/**
 * Listens on PORT. If PORT is not set, the default port may be taken: then on the next free one.
 * @throws when PORT is set and taken
 */
export async function openHttpServer(
  { host, port, isPortGiven }: Pick<Config, 'host' | 'port' | 'isPortGiven'>,
  { timeout, ...deadlines }: ClientDeadlines = DEADLINES,
): Promise<HttpServer> {
  let listener: RequestListener = (_req, res) => res.writeHead(503, { 'Retry-After': '2' }).end('Starting\n');
  const server = createServer(deadlines, (req, res) => listener(req, res));
  server.timeout = timeout;
  const tries = isPortGiven ? 1 : MAX_PORTS_TRIED;
  await listenOnFreePort(server, host, port, tries);
  return {
    port: (server.address() as AddressInfo).port,
    serve: (opened) => (listener = opened),
    close: () => closeServer(server),
  };
}

async function listenOnFreePort(server: Server, host: string, port: number, tries: number): Promise<void> {
  for (let next = port; ; next += 1) {
    try {
      return await listen(server, host, next);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE' || next >= port + tries - 1) throw error;
    }
  }
}

function listen(server: Server, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      server.off('error', reject);
      resolve();
    });
  });
}

function closeServer(server: Server): Promise<void> {
  return new Promise((resolve) => {
    const impatient = setTimeout(() => server.closeAllConnections(), SHUTDOWN_GRACE_MS);
    server.close(() => {
      clearTimeout(impatient);
      resolve();
    });
    server.closeIdleConnections();
  });
}
