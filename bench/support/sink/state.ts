import type { Socket } from 'node:net';
import type { SecureContext } from 'node:tls';
import { pickFault, type Faults, type ReplyDelay, type SmtpStage } from './faults.js';

export type RecipientRecord = { count: number; messageIds: string[]; lastAt: number };

/** What a sink has seen since it last forgot. */
export type SinkState = {
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
  recipients: Map<string, RecipientRecord>;
  behaviour: Faults;
  slowness: ReplyDelay;
};

/** One conversation with one client. */
export type Session = {
  socket: Socket;
  book: SinkState;
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

export const EMPTY = Buffer.alloc(0);

export function createSession(
  socket: Socket,
  book: SinkState,
  secureContext: SecureContext | undefined,
): Session {
  return {
    ...{ socket, book, secureContext, hasSender: false, recipient: '', inData: false },
    ...{ bytes: 0, messageId: '', isSigned: false, dropsBody: false },
    ...{ rest: EMPTY, replies: '', wantsTls: false, isLate: false, goOn: () => {}, over: false },
  };
}

export function storeRest(session: Session, bytes: Buffer): Buffer {
  session.rest = bytes;
  return EMPTY;
}

/** Says this, unless a fault strikes. */
export function replyOrFail(session: Session, stage: SmtpStage, reply: string): boolean {
  const fault = pickFault(session.book.behaviour, stage);
  if (fault !== undefined) applyFault(session, fault.reply);
  else session.replies += `${reply}\r\n`;
  return fault === undefined;
}

/** Gives that answer, or none and hangs up. */
export function applyFault(session: Session, reply: string | undefined): void {
  session.book.faults += 1;
  if (reply === undefined) closeConnection(session);
  else session.replies += `${reply}\r\n`;
}

/** Answers of before still go out: what was said to be taken must be known to be. */
export function closeConnection(session: Session): void {
  session.over = true;
  session.socket.end(session.replies);
  session.replies = '';
}

/** Answers then, and goes on with what has come meanwhile. */
export function replyLater(session: Session, reply: string, milliseconds: number): void {
  session.isLate = true;
  setTimeout(() => {
    session.isLate = false;
    session.replies += reply;
    session.goOn();
  }, milliseconds);
}
