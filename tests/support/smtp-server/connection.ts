import type { Socket } from 'node:net';
import { handleCommand, receiveBody } from './commands.js';
import { isOver, sendReply } from './replies.js';
import { addSession, removeSession, type ServerState, type SmtpSession } from './state.js';

export async function serveConnection(state: ServerState, socket: Socket): Promise<void> {
  const left = { received: Infinity, sent: Infinity, ...state.cut };
  const trickling = state.trickles ? Promise.resolve() : undefined;
  state.cut = undefined;
  const session: SmtpSession = {
    socket,
    rest: '',
    from: undefined,
    to: [],
    body: undefined,
    silent: false,
    left,
    trickling,
  };
  addSession(state, session);
  // One chunk after the other, so that a slow answer keeps the later ones waiting.
  let last = sendReply(state, session, 'connect', '220 mail.test ESMTP');
  socket.setEncoding('latin1');
  socket.on('data', (chunk) => {
    state.reads.push(String(chunk));
    last = last.then(() => receiveChunk(state, session, String(chunk)));
  });
  socket.on('error', () => socket.destroy());
  socket.on('close', () => removeSession(state, session));
}

async function receiveChunk(state: ServerState, session: SmtpSession, chunk: string): Promise<void> {
  session.rest += chunk.slice(0, session.left.received);
  session.left.received -= chunk.length;
  while (!isOver(session)) {
    const understood =
      session.body === undefined ? await readCommandLine(state, session) : await receiveBody(state, session);
    if (!understood) break;
  }
  if (session.left.received <= 0) session.socket.destroy();
}

async function readCommandLine(state: ServerState, session: SmtpSession): Promise<boolean> {
  const end = session.rest.indexOf('\r\n');
  if (end < 0) return false;
  const line = session.rest.slice(0, end);
  session.rest = session.rest.slice(end + 2);
  state.commands.push(line);
  await handleCommand(state, session, line);
  return true;
}
