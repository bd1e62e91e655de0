import { once } from 'node:events';
import { createServer, type AddressInfo, type Socket } from 'node:net';

/** A message the server took, once for every recipient it had. `raw` is as the sender wrote it, dots unstuffed. */
export type ReceivedMessage = { from: string; to: string; raw: Buffer; at: Date };

/** What is being answered. `body` is the moment the first bytes of a message arrive: only a hang-up makes sense there. */
export type SmtpStage =
  'connect' | 'ehlo' | 'mail' | 'rcpt' | 'data' | 'body' | 'dot' | 'rset' | 'noop' | 'quit';

/**
 * Undefined: as usual. A string: this reply, without its CRLF (several lines with CRLF between); at the dot, 2xx takes the
 * message and anything else does not. 'hang-up': no answer, the connection ends; at the dot, without the message.
 * 'hang-up-accepted': at the dot, the message is kept, and the sender never hears of it. 'silence': not a word from here on.
 * A promise answers later.
 */
export type SmtpReply = undefined | string;

/** `address` is the sender at `mail`, the (first) recipient from `rcpt` on, and empty before. */
export type SmtpScript = (stage: SmtpStage, address: string) => SmtpReply | Promise<SmtpReply>;

export type SmtpTestServer = {
  /** smtp://127.0.0.1:… */
  url: string;
  port: number;
  /** What it took, in order. */
  messages: ReceivedMessage[];
  /** Every line it was sent, bodies left out. */
  commands: string[];
  /** What it read at once, as often as it read. */
  reads: string[];
  /** Connections since the start, and now. */
  connections: { total: number; open: number; most: number };
  /** Bodies that have begun and whose final dot has not come. */
  unfinished(): string[];
  /** Misbehave from now on; replaces the script before. */
  setScript(script: SmtpScript): void;
  /** The next connection ends, as by a power cut, after so many octets it was sent or has answered. */
  cutNextConnection(after: ConnectionCut): void;
  /** Resolves when it has taken so many messages; fails after `timeout` ms. */
  waitForMessages(count: number, timeout?: number): Promise<ReceivedMessage[]>;
  /** Cut every open connection, as a server that dies. It goes on listening. */
  dropConnections(): void;
  close(): Promise<void>;
};

export type ConnectionCut = { received?: number; sent?: number };

const EXTENSIONS = ['PIPELINING', 'SIZE 10485760', '8BITMIME', 'ENHANCEDSTATUSCODES'];

/**
 * A real SMTP server on a free port of 127.0.0.1, in this process, without TLS. `extensions` are the EHLO keywords it
 * offers; pipelined commands are understood in any case. With `trickles` its answers leave octet by octet.
 */
export async function startSmtpServer(
  options: { extensions?: string[]; trickles?: boolean } = {},
): Promise<SmtpTestServer> {
  const state = createState(options.extensions ?? EXTENSIONS, options.trickles ?? false);
  const server = createServer({ noDelay: true }, (socket) => void serveConnection(state, socket));
  server.listen(0, '127.0.0.1');
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
      [...state.talks].flatMap(({ body }) => (body === undefined || body === '' ? [] : [body])),
    setScript: (script) => void (state.script = script),
    cutNextConnection: (after) => void (state.cut = after),
    waitForMessages: (count, timeout = 10_000) => waitForMessages(state, count, timeout),
    dropConnections: () => state.talks.forEach(({ socket }) => socket.destroy()),
    close: async () => {
      state.talks.forEach(({ socket }) => socket.destroy());
      server.close();
      await once(server, 'close');
    },
  };
}

type ServerState = {
  extensions: string[];
  script: SmtpScript;
  messages: ReceivedMessage[];
  commands: string[];
  reads: string[];
  cut: ConnectionCut | undefined;
  trickles: boolean;
  connections: { total: number; open: number; most: number };
  talks: Set<SmtpConnection>;
  watchers: Set<() => void>;
};

/** One connection. `body` is set between DATA and the final dot. */
type SmtpConnection = {
  socket: Socket;
  rest: string;
  from: string | undefined;
  to: string[];
  body: string | undefined;
  silent: boolean;
  /** Octets until the connection is cut. */
  left: Required<ConnectionCut>;
  /** Answers leave one after the other: set while octets trickle. */
  trickling: Promise<void> | undefined;
};

function createState(extensions: string[], trickles: boolean): ServerState {
  return {
    extensions,
    script: () => undefined,
    messages: [],
    commands: [],
    reads: [],
    cut: undefined,
    trickles,
    connections: { total: 0, open: 0, most: 0 },
    talks: new Set(),
    watchers: new Set(),
  };
}

async function serveConnection(state: ServerState, socket: Socket): Promise<void> {
  const left = { received: Infinity, sent: Infinity, ...state.cut };
  const trickling = state.trickles ? Promise.resolve() : undefined;
  state.cut = undefined;
  const talk: SmtpConnection = {
    socket,
    rest: '',
    from: undefined,
    to: [],
    body: undefined,
    silent: false,
    left,
    trickling,
  };
  addConnection(state, talk);
  // One chunk after the other, so that a slow answer keeps the later ones waiting.
  let last = sendReply(state, talk, 'connect', '220 mail.test ESMTP');
  socket.setEncoding('latin1');
  socket.on('data', (chunk) => {
    state.reads.push(String(chunk));
    last = last.then(() => receiveChunk(state, talk, String(chunk)));
  });
  socket.on('error', () => socket.destroy());
  socket.on('close', () => removeConnection(state, talk));
}

function addConnection({ connections, talks }: ServerState, talk: SmtpConnection): void {
  talks.add(talk);
  connections.total += 1;
  connections.open += 1;
  connections.most = Math.max(connections.most, connections.open);
}

function removeConnection({ connections, talks }: ServerState, talk: SmtpConnection): void {
  if (talks.delete(talk)) connections.open -= 1;
}

async function receiveChunk(state: ServerState, talk: SmtpConnection, chunk: string): Promise<void> {
  talk.rest += chunk.slice(0, talk.left.received);
  talk.left.received -= chunk.length;
  while (!isOver(talk)) {
    const understood =
      talk.body === undefined ? await readCommandLine(state, talk) : await receiveBody(state, talk);
    if (!understood) break;
  }
  if (talk.left.received <= 0) talk.socket.destroy();
}

function isOver({ socket, left }: SmtpConnection): boolean {
  return socket.destroyed || left.sent <= 0;
}

async function readCommandLine(state: ServerState, talk: SmtpConnection): Promise<boolean> {
  const end = talk.rest.indexOf('\r\n');
  if (end < 0) return false;
  const line = talk.rest.slice(0, end);
  talk.rest = talk.rest.slice(end + 2);
  state.commands.push(line);
  await handleCommand(state, talk, line);
  return true;
}

async function handleCommand(state: ServerState, talk: SmtpConnection, line: string): Promise<void> {
  const address = Buffer.from(/<(.*)>/.exec(line)?.[1] ?? '', 'latin1').toString('utf8');
  switch (line.slice(0, 4).toUpperCase()) {
    case 'EHLO':
      return sendReply(state, talk, 'ehlo', ehloReply(state.extensions));
    case 'MAIL':
      return mail(state, talk, address);
    case 'RCPT':
      return rcpt(state, talk, address);
    case 'DATA':
      return data(state, talk);
    case 'RSET':
      resetEnvelope(talk);
      return sendReply(state, talk, 'rset', '250 2.0.0 Reset');
    case 'NOOP':
      return sendReply(state, talk, 'noop', '250 2.0.0 Fine');
    case 'QUIT':
      removeConnection(state, talk);
      await sendReply(state, talk, 'quit', '221 2.0.0 Bye');
      return void talk.socket.end();
    default:
      return writeLine(talk, '502 5.5.1 Unknown command');
  }
}

function ehloReply(extensions: string[]): string {
  const lines = ['mail.test', ...extensions];
  return lines.map((line, at) => `250${at === lines.length - 1 ? ' ' : '-'}${line}`).join('\r\n');
}

async function mail(state: ServerState, talk: SmtpConnection, address: string): Promise<void> {
  if (talk.from !== undefined) return writeLine(talk, '503 5.5.1 Nested MAIL command');
  await sendReply(state, talk, 'mail', '250 2.1.0 Ok', address, () => {
    talk.from = address;
  });
}

async function rcpt(state: ServerState, talk: SmtpConnection, address: string): Promise<void> {
  if (talk.from === undefined) return writeLine(talk, '503 5.5.1 Need MAIL command');
  await sendReply(state, talk, 'rcpt', '250 2.1.5 Ok', address, () => {
    talk.to.push(address);
  });
}

async function data(state: ServerState, talk: SmtpConnection): Promise<void> {
  const scripted = await state.script('data', talk.to[0] ?? '');
  if (scripted === undefined && talk.to.length === 0) return writeLine(talk, '554 5.5.1 No valid recipients');
  performReply(talk, scripted ?? '354 End data with <CR><LF>.<CR><LF>');
  if (scripted === undefined || scripted.startsWith('3')) talk.body = '';
}

async function receiveBody(state: ServerState, talk: SmtpConnection): Promise<boolean> {
  if (talk.rest === '') return false;
  const isFirst = talk.body === '';
  const all = (talk.body ?? '') + talk.rest;
  talk.rest = '';
  talk.body = all;
  const scripted = isFirst ? await state.script('body', talk.to[0] ?? '') : undefined;
  if (scripted !== undefined) performReply(talk, scripted);
  const dot = `\r\n${all}`.indexOf('\r\n.\r\n');
  if (dot < 0 || isOver(talk)) return false;
  talk.body = undefined;
  talk.rest = all.slice(dot + 3);
  await finishMessage(state, talk, all.slice(0, dot));
  return true;
}

async function finishMessage(state: ServerState, talk: SmtpConnection, body: string): Promise<void> {
  const { from = '', to } = talk;
  const raw = Buffer.from(body.replace(/(^|\r\n)\.\./g, '$1.'), 'latin1');
  const answer = (await state.script('dot', to[0] ?? '')) ?? '250 2.0.0 Ok: queued as TEST';
  if (answer === 'hang-up-accepted' || answer.startsWith('2')) {
    for (const one of to) state.messages.push({ from, to: one, raw, at: new Date() });
    state.watchers.forEach((look) => look());
  }
  resetEnvelope(talk);
  performReply(talk, answer);
}

function resetEnvelope(talk: SmtpConnection): void {
  talk.from = undefined;
  talk.to = [];
}

/** Answer as the script says or as usual; `on2xx` runs when the sender was told yes. */
async function sendReply(
  state: ServerState,
  talk: SmtpConnection,
  stage: SmtpStage,
  usual: string,
  address = talk.to[0] ?? '',
  on2xx?: () => void,
): Promise<void> {
  const answer = (await state.script(stage, address)) ?? usual;
  if (answer.startsWith('2')) on2xx?.();
  performReply(talk, answer);
}

function performReply(talk: SmtpConnection, answer: string): void {
  if (answer === 'silence') talk.silent = true;
  else if (answer.startsWith('hang-up')) talk.socket.destroy();
  else writeLine(talk, answer);
}

function writeLine(talk: SmtpConnection, line: string): void {
  const { socket, silent, left } = talk;
  if (silent || isOver(talk)) return;
  const text = `${line}\r\n`.slice(0, left.sent);
  left.sent -= line.length + 2;
  if (talk.trickling !== undefined) talk.trickling = talk.trickling.then(() => writeByteByByte(socket, text));
  else socket.write(text);
  if (left.sent <= 0) socket.destroySoon();
}

async function writeByteByByte(socket: Socket, text: string): Promise<void> {
  for (const octet of Buffer.from(text)) {
    if (!socket.writable) return;
    socket.write(Buffer.of(octet));
    await new Promise(setImmediate);
  }
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
