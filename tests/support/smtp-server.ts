import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { serveConnection } from './smtp-server/connection.js';
import {
  createState,
  type ConnectionCut,
  type ReceivedMessage,
  type ServerState,
  type SmtpScript,
} from './smtp-server/state.js';

export type {
  ConnectionCut,
  ReceivedMessage,
  SmtpReply,
  SmtpScript,
  SmtpStage,
} from './smtp-server/state.js';

export type SmtpTestServer = {
  /** smtp://127.0.0.1:… */
  url: string;
  port: number;
  /** What it took, in order. */
  messages: ReceivedMessage[];
  /** Every line it was sent, bodies left out. */
  commands: string[];
  /** The bytes of each read. */
  reads: string[];
  /** Connections since the start, now, and at most at once. */
  connections: { total: number; open: number; most: number };
  /** Bodies that have begun and whose final dot has not come. */
  unfinished(): string[];
  /** Replies by this script from now on, instead of the one before. */
  setScript(script: SmtpScript): void;
  /** The next connection is cut, as by a power failure, after so many octets received or sent. */
  cutNextConnection(after: ConnectionCut): void;
  /** Resolves when it has taken so many messages; fails after `timeout` ms. */
  waitForMessages(count: number, timeout?: number): Promise<ReceivedMessage[]>;
  /** Cuts every open connection, as a server that dies; but it goes on listening. */
  dropConnections(): void;
  close(): Promise<void>;
};

const EXTENSIONS = ['PIPELINING', 'SIZE 10485760', '8BITMIME', 'ENHANCEDSTATUSCODES'];

/**
 * A real SMTP server in this process, without TLS, on a free port of 127.0.0.1 unless another place is named. `extensions` are the EHLO keywords it
 * offers; pipelined commands are understood in any case. With `trickles` its replies leave octet by octet.
 */
export async function startSmtpServer(
  options: { extensions?: string[]; trickles?: boolean; host?: string; port?: number } = {},
): Promise<SmtpTestServer> {
  const state = createState(options.extensions ?? EXTENSIONS, options.trickles ?? false);
  const server = createServer({ noDelay: true }, (socket) => void serveConnection(state, socket));
  server.listen(options.port ?? 0, options.host ?? '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    url: `smtp://127.0.0.1:${port}`,
    port,
    messages: state.messages,
    commands: state.commands,
    reads: state.reads,
    connections: state.connections,
    unfinished: () =>
      [...state.sessions].flatMap(({ body }) => (body === undefined || body === '' ? [] : [body])),
    setScript: (script) => void (state.script = script),
    cutNextConnection: (after) => void (state.cut = after),
    waitForMessages: (count, timeout = 10_000) => waitForMessages(state, count, timeout),
    dropConnections: () => state.sessions.forEach(({ socket }) => socket.destroy()),
    close: async () => {
      state.sessions.forEach(({ socket }) => socket.destroy());
      server.close();
      await once(server, 'close');
    },
  };
}

function waitForMessages(state: ServerState, count: number, timeout: number): Promise<ReceivedMessage[]> {
  return new Promise((resolve, reject) => {
    const done = () => {
      clearTimeout(timer);
      state.watchers.delete(look);
    };
    const look = () => {
      if (state.messages.length < count) return;
      done();
      resolve([...state.messages]);
    };
    const timer = setTimeout(() => {
      done();
      reject(new Error(`The mail server took ${state.messages.length} messages, not ${count}.`));
    }, timeout);
    state.watchers.add(look);
    look();
  });
}
