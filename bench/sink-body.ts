import { faultAt } from './sink-behaviour.js';
import { answerLate, misbehave, NOTHING, putAside, type Session } from './sink-state.js';

const END = Buffer.from('\r\n.\r\n');
const DOT = Buffer.from('.\r\n');
const HEAD_END = Buffer.from('\r\n\r\n');
const LONGEST_HEAD = 16_384;

/** Takes bytes of a message. Answers what follows the final dot, and nothing when that has not come yet. */
export function takeBody(session: Session, bytes: Buffer): Buffer {
  const end = endOfBody(session, bytes);
  if (end === -1 && session.dropsBody) misbehave(session, undefined);
  if (session.over) return NOTHING;
  if (session.bytes === 0) {
    const isWhole = end !== -1 || bytes.length >= LONGEST_HEAD || bytes.includes(HEAD_END);
    if (!isWhole) return putAside(session, bytes);
    readHead(session, bytes);
  }
  if (end === -1) return takePart(session, bytes);
  session.bytes += end + 2;
  session.inData = false;
  takeMessage(session);
  return bytes.subarray(end + END.length);
}

/** Where the last line ends; -2 when there was none before the final dot, -1 when it is not there. */
function endOfBody({ bytes: before }: Session, bytes: Buffer): number {
  return before === 0 && bytes.indexOf(DOT) === 0 ? -2 : bytes.indexOf(END);
}

/** The last four bytes may begin the end: they are looked at again. */
function takePart(session: Session, bytes: Buffer): Buffer {
  const known = Math.max(0, bytes.length - (END.length - 1));
  session.bytes += known;
  return putAside(session, bytes.subarray(known));
}

function readHead(session: Session, bytes: Buffer): void {
  const end = bytes.indexOf(HEAD_END);
  const head = bytes.toString('latin1', 0, end === -1 ? LONGEST_HEAD : end);
  session.messageId = /^message-id:\s*(\S+)/im.exec(head)?.[1] ?? '';
  session.isSigned = /^dkim-signature:/im.test(head);
}

function takeMessage(session: Session): void {
  const { book } = session;
  const fault = faultAt(book.behaviour, 'dot');
  if (fault === undefined || fault.taken === true) writeDown(session);
  Object.assign(session, { hasSender: false, recipient: '' });
  if (fault !== undefined) return misbehave(session, fault.reply);
  const reply = `250 2.0.0 Ok: queued as ${book.messages.toString(36)}\r\n`;
  const { dotMs } = book.slowness;
  if (dotMs === 0) session.replies += reply;
  else answerLate(session, reply, Math.random() * 2 * dotMs);
}

function writeDown({ book, recipient, bytes, messageId, isSigned }: Session): void {
  book.messages += 1;
  if (isSigned) book.signed += 1;
  book.bytes += bytes;
  const now = Date.now();
  if (book.lastAt > 0) book.longestGap = Math.max(book.longestGap, now - book.lastAt);
  book.lastAt = now;
  const taken = book.recipients.get(recipient);
  if (taken === undefined) {
    book.recipients.set(recipient, { count: 1, messageIds: [messageId], lastAt: now });
    return;
  }
  taken.count += 1;
  taken.lastAt = now;
  taken.messageIds.push(messageId);
}
