import type { Socket } from 'node:net';
import { TLSSocket, type SecureContext } from 'node:tls';
import { faultAt } from './sink-behaviour.js';
import { takeBody } from './sink-body.js';
import { hangUp, newSession, NOTHING, putAside, say, type Book, type Session } from './sink-state.js';

/** Talks SMTP (RFC 5321, PIPELINING, STARTTLS) with one client and writes down what it takes. */
export function readSession(socket: Socket, book: Book, secureContext: SecureContext | undefined): void {
  book.connections += 1;
  listen(newSession(socket, book, secureContext));
  socket.write('220 sink.example ESMTP\r\n');
}

function listen(session: Session): void {
  const { socket } = session;
  socket.on('error', () => socket.destroy());
  session.goOn = () => take(session, NOTHING);
  socket.on('data', (chunk) => take(session, chunk));
}

function take(session: Session, chunk: Buffer): void {
  const { socket } = session;
  if (session.over) return;
  let left: Buffer = session.rest.length === 0 ? chunk : Buffer.concat([session.rest, chunk]);
  session.rest = NOTHING;
  while (left.length > 0 && !session.over && !session.isLate)
    left = session.inData ? takeBody(session, left) : takeLine(session, left);
  if (left.length > 0) session.rest = left;
  if (session.replies !== '') socket.write(session.replies);
  session.replies = '';
  if (session.wantsTls) startTls(session);
}

function takeLine(session: Session, bytes: Buffer): Buffer {
  const end = bytes.indexOf('\r\n');
  if (end === -1) return putAside(session, bytes);
  command(session, bytes.toString('latin1', 0, end));
  return bytes.subarray(end + 2);
}

function command(session: Session, line: string): void {
  switch (line.slice(0, 4).toUpperCase()) {
    case 'EHLO':
      session.replies += greeting(session);
      return;
    case 'STAR':
      return acceptTls(session);
    case 'MAIL':
      session.hasSender = say(session, 'mail', '250 2.1.0 Ok');
      return;
    case 'RCPT':
      return openRecipient(session, line);
    case 'DATA':
      return openBody(session);
    case 'QUIT':
      session.replies += '221 2.0.0 Bye\r\n';
      return hangUp(session);
    case 'RSET':
      Object.assign(session, { hasSender: false, recipient: '' });
      session.replies += '250 2.0.0 Ok\r\n';
      return;
    default:
      session.replies += '250 2.0.0 Ok\r\n';
  }
}

function openRecipient(session: Session, line: string): void {
  if (!session.hasSender) session.replies += '503 5.5.1 Need MAIL first\r\n';
  else if (say(session, 'rcpt', '250 2.1.5 Ok'))
    session.recipient = line.slice(line.indexOf('<') + 1, line.lastIndexOf('>'));
}

function openBody(session: Session): void {
  if (session.recipient === '') session.replies += '554 5.5.1 No valid recipients\r\n';
  else if (say(session, 'data', '354 Go ahead')) {
    const dropsBody = faultAt(session.book.behaviour, 'body') !== undefined;
    Object.assign(session, { inData: true, bytes: 0, messageId: '', isSigned: false, dropsBody });
  }
}

function greeting({ secureContext, socket }: Session): string {
  const offered = secureContext === undefined || socket instanceof TLSSocket ? [] : ['STARTTLS'];
  const lines = ['sink.example', ...offered, 'PIPELINING', 'ENHANCEDSTATUSCODES', '8BITMIME', 'SMTPUTF8'];
  return lines.map((line, at) => `250${at === lines.length - 1 ? ' ' : '-'}${line}\r\n`).join('');
}

function acceptTls(session: Session): void {
  if (session.secureContext === undefined) {
    session.replies += '502 5.5.1 Not here\r\n';
    return;
  }
  session.replies += '220 2.0.0 Go ahead\r\n';
  Object.assign(session, { wantsTls: true, over: true });
}

/** The conversation begins anew inside. */
function startTls({ socket, book, secureContext }: Session): void {
  if (secureContext === undefined) return;
  socket.removeAllListeners('data');
  const secured = new TLSSocket(socket, { isServer: true, secureContext });
  secured.once('secure', () => (book.secure += 1));
  listen(newSession(secured, book, secureContext));
}
