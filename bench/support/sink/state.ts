import type { Socket } from 'node:net';
import type { SecureContext } from 'node:tls';
import { pickFault, type Faults, type ReplyDelay, type SmtpStage } from './faults.js';

export type RecipientRecord = { count: number; messageIds: string[]; queueIds: string[]; lastAt: number };

/** What a sink has taken since it was last reset. */
export type SinkState = {
  messages: number;
  /** Of whole messages as they came over the wire, without the final dot. */
  bytes: number;
  connections: number;
  secure: number;
  /** Messages with a DKIM-Signature. */
  signed: number;
  /** How many replies were replaced by a fault. */
  faults: number;
  recipients: Map<string, RecipientRecord>;
  behaviour: Faults;
  replyDelay: ReplyDelay;
};

/** One connection of a client. */
export type Session = {
  socket: Socket;
  sink: SinkState;
  secureContext: SecureContext | undefined;
  hasSender: boolean;
  recipient: string;
  inData: boolean;
  /** Of the message that is arriving. */
  bytes: number;
  messageId: string;
  /** Of the Postfix that handed it over; empty when none did. */
  queueId: string;
  isSigned: boolean;
  /** The connection is to be dropped before the body ends. */
  dropsBody: boolean;
  /** Bytes that were read and not understood yet: the beginning of a line, or of the final dot. */
  rest: Buffer;
  replies: string;
  wantsTls: boolean;
  /** The reply to a final dot is delayed: what has come since waits in `rest`. */
  isLate: boolean;
  goOn: () => void;
  /** Closed, or replaced by one inside TLS: bytes that are left are not read. */
  over: boolean;
};

export const EMPTY = Buffer.alloc(0);

export function createSession(
  socket: Socket,
  sink: SinkState,
  secureContext: SecureContext | undefined,
): Session {
  return {
    ...{ socket, sink, secureContext, hasSender: false, recipient: '', inData: false },
    ...{ bytes: 0, messageId: '', queueId: '', isSigned: false, dropsBody: false },
    ...{ rest: EMPTY, replies: '', wantsTls: false, isLate: false, goOn: () => {}, over: false },
  };
}

export function storeRest(session: Session, bytes: Buffer): Buffer {
  session.rest = bytes;
  return EMPTY;
}

/** Sends this reply, or the fault that happens instead. Returns false for a fault. */
export function replyOrFail(session: Session, stage: SmtpStage, reply: string): boolean {
  const fault = pickFault(session.sink.behaviour, stage);
  if (fault !== undefined) applyFault(session, fault.reply);
  else session.replies += `${reply}\r\n`;
  return fault === undefined;
}

/** Sends that reply; without one, hangs up. */
export function applyFault(session: Session, reply: string | undefined): void {
  session.sink.faults += 1;
  if (reply === undefined) closeConnection(session);
  else session.replies += `${reply}\r\n`;
}

/** Replies that are waiting still go out: the client must hear of what was taken. */
export function closeConnection(session: Session): void {
  session.over = true;
  session.socket.end(session.replies);
  session.replies = '';
}

/** Sends the reply later, and then reads what has come meanwhile. */
export function replyLater(session: Session, reply: string, milliseconds: number): void {
  session.isLate = true;
  setTimeout(() => {
    session.isLate = false;
    session.replies += reply;
    session.goOn();
  }, milliseconds);
}
