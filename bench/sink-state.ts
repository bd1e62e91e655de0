import type { Socket } from 'node:net';
import type { SecureContext } from 'node:tls';
import { faultAt, type Misbehaviour, type Slowness, type Stage } from './sink-behaviour.js';

export type Taken = { count: number; messageIds: string[]; lastAt: number };

/** What a sink has seen since it last forgot. */
export type Book = {
  messages: number;
  /** Of whole messages as they came over the wire, without the final dot. */
  bytes: number;
  connections: number;
  secure: number;
  /** Messages with a DKIM-Signature. */
  signed: number;
  /** Answers that were faults. */
  faults: number;
  /** The longest time between two messages, in milliseconds, and when the last one came. */
  longestGap: number;
  lastAt: number;
  recipients: Map<string, Taken>;
  behaviour: Misbehaviour;
  slowness: Slowness;
};

/** One conversation with one client. */
export type Session = {
  socket: Socket;
  book: Book;
  secureContext: SecureContext | undefined;
  hasSender: boolean;
  recipient: string;
  inData: boolean;
  /** Of the message that is arriving. */
  bytes: number;
  messageId: string;
  isSigned: boolean;
  /** It is to be cut off before its end. */
  dropsBody: boolean;
  /** The end of what came before, where a line or the final dot may be cut. */
  rest: Buffer;
  replies: string;
  wantsTls: boolean;
  /** The answer to a final dot is on its way: what came since waits in `rest`. */
  isLate: boolean;
  goOn: () => void;
  /** Hung up, or gone over to TLS: what is left of the bytes is nobody's. */
  over: boolean;
};

export const NOTHING = Buffer.alloc(0);

export function newSession(socket: Socket, book: Book, secureContext: SecureContext | undefined): Session {
  return {
    ...{ socket, book, secureContext, hasSender: false, recipient: '', inData: false },
    ...{ bytes: 0, messageId: '', isSigned: false, dropsBody: false },
    ...{ rest: NOTHING, replies: '', wantsTls: false, isLate: false, goOn: () => {}, over: false },
  };
}

export function putAside(session: Session, bytes: Buffer): Buffer {
  session.rest = bytes;
  return NOTHING;
}

/** Says this, unless a fault strikes. */
export function say(session: Session, stage: Stage, reply: string): boolean {
  const fault = faultAt(session.book.behaviour, stage);
  if (fault !== undefined) misbehave(session, fault.reply);
  else session.replies += `${reply}\r\n`;
  return fault === undefined;
}

/** Gives that answer, or none and hangs up. */
export function misbehave(session: Session, reply: string | undefined): void {
  session.book.faults += 1;
  if (reply === undefined) hangUp(session);
  else session.replies += `${reply}\r\n`;
}

/** Answers of before still go out: what was said to be taken must be known to be. */
export function hangUp(session: Session): void {
  session.over = true;
  session.socket.end(session.replies);
  session.replies = '';
}

/** Answers then, and goes on with what has come meanwhile. */
export function answerLate(session: Session, reply: string, milliseconds: number): void {
  session.isLate = true;
  setTimeout(() => {
    session.isLate = false;
    session.replies += reply;
    session.goOn();
  }, milliseconds);
}
