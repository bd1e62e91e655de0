import type { Socket } from 'node:net';
import { TLSSocket, type SecureContext } from 'node:tls';
import { pickFault } from './faults.js';
import { readBody } from './message-body.js';
import {
  closeConnection,
  createSession,
  EMPTY,
  storeRest,
  replyOrFail,
  type SinkState,
  type Session,
} from './state.js';

/** Talks SMTP (RFC 5321, PIPELINING, STARTTLS) with one client and records what it takes. */
export function serveSession(
  socket: Socket,
  sink: SinkState,
  secureContext: SecureContext | undefined,
): void {
  sink.connections += 1;
  readSocket(createSession(socket, sink, secureContext));
  socket.write('220 sink.example ESMTP\r\n');
}

function readSocket(session: Session): void {
  const { socket } = session;
  socket.on('error', () => socket.destroy());
  session.goOn = () => readChunk(session, EMPTY);
  socket.on('data', (chunk) => readChunk(session, chunk));
}

function readChunk(session: Session, chunk: Buffer): void {
  const { socket } = session;
  if (session.over) return;
  let left: Buffer = session.rest.length === 0 ? chunk : Buffer.concat([session.rest, chunk]);
  session.rest = EMPTY;
  while (left.length > 0 && !session.over && !session.isLate)
    left = session.inData ? readBody(session, left) : readLine(session, left);
  if (left.length > 0) session.rest = left;
  if (session.replies !== '') socket.write(session.replies);
  session.replies = '';
  if (session.wantsTls) startTls(session);
}

function readLine(session: Session, bytes: Buffer): Buffer {
  const end = bytes.indexOf('\r\n');
  if (end === -1) return storeRest(session, bytes);
  handleCommand(session, bytes.toString('latin1', 0, end));
  return bytes.subarray(end + 2);
}

function handleCommand(session: Session, line: string): void {
  switch (line.slice(0, 4).toUpperCase()) {
    case 'EHLO':
      session.replies += ehloReply(session);
      return;
    case 'STAR':
      return handleStartTls(session);
    case 'MAIL':
      session.hasSender = replyOrFail(session, 'mail', '250 2.1.0 Ok');
      return;
    case 'RCPT':
      return handleRcpt(session, line);
    case 'DATA':
      return handleData(session);
    case 'QUIT':
      session.replies += '221 2.0.0 Bye\r\n';
      return closeConnection(session);
    case 'RSET':
      Object.assign(session, { hasSender: false, recipient: '' });
      session.replies += '250 2.0.0 Ok\r\n';
      return;
    default:
      session.replies += '250 2.0.0 Ok\r\n';
  }
}

function handleRcpt(session: Session, line: string): void {
  if (!session.hasSender) session.replies += '503 5.5.1 Need MAIL first\r\n';
  else if (replyOrFail(session, 'rcpt', '250 2.1.5 Ok'))
    session.recipient = line.slice(line.indexOf('<') + 1, line.lastIndexOf('>'));
}

function handleData(session: Session): void {
  if (session.recipient === '') session.replies += '554 5.5.1 No valid recipients\r\n';
  else if (replyOrFail(session, 'data', '354 Go ahead')) {
    const dropsBody = pickFault(session.sink.behaviour, 'body') !== undefined;
    Object.assign(session, { inData: true, bytes: 0, messageId: '', isSigned: false, dropsBody });
  }
}

function ehloReply({ secureContext, socket }: Session): string {
  const offered = secureContext === undefined || socket instanceof TLSSocket ? [] : ['STARTTLS'];
  const lines = ['sink.example', ...offered, 'PIPELINING', 'ENHANCEDSTATUSCODES', '8BITMIME', 'SMTPUTF8'];
  return lines.map((line, at) => `250${at === lines.length - 1 ? ' ' : '-'}${line}\r\n`).join('');
}

function handleStartTls(session: Session): void {
  if (session.secureContext === undefined) {
    session.replies += '502 5.5.1 Not here\r\n';
    return;
  }
  session.replies += '220 2.0.0 Go ahead\r\n';
  Object.assign(session, { wantsTls: true, over: true });
}

/** Inside TLS the session begins anew (RFC 3207 section 4.2). */
function startTls({ socket, sink, secureContext }: Session): void {
  if (secureContext === undefined) return;
  socket.removeAllListeners('data');
  const secured = new TLSSocket(socket, { isServer: true, secureContext });
  secured.once('secure', () => (sink.secure += 1));
  readSocket(createSession(secured, sink, secureContext));
}
