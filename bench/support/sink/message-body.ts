import { pickFault } from './faults.js';
import { replyLater, applyFault, EMPTY, storeRest, type Session } from './state.js';

const BODY_END = Buffer.from('\r\n.\r\n');
const FINAL_DOT = Buffer.from('.\r\n');
const HEADER_END = Buffer.from('\r\n\r\n');
const MAX_HEADER_BYTES = 16_384;

/** Reads bytes of a message. Returns what follows the final dot; empty while that has not come. */
export function readBody(session: Session, bytes: Buffer): Buffer {
  const end = findBodyEnd(session, bytes);
  if (end === -1 && session.dropsBody) applyFault(session, undefined);
  if (session.over) return EMPTY;
  if (session.bytes === 0) {
    const isWhole = end !== -1 || bytes.length >= MAX_HEADER_BYTES || bytes.includes(HEADER_END);
    if (!isWhole) return storeRest(session, bytes);
    readHeader(session, bytes);
  }
  if (end === -1) return readPart(session, bytes);
  session.bytes += end + 2;
  session.inData = false;
  finishMessage(session);
  return bytes.subarray(end + BODY_END.length);
}

/** Where the last line ends; -2 when there was none before the final dot, -1 when it is not there. */
function findBodyEnd({ bytes: before }: Session, bytes: Buffer): number {
  return before === 0 && bytes.indexOf(FINAL_DOT) === 0 ? -2 : bytes.indexOf(BODY_END);
}

/** Keeps the last four bytes for the next chunk: the end may begin in them. */
function readPart(session: Session, bytes: Buffer): Buffer {
  const known = Math.max(0, bytes.length - (BODY_END.length - 1));
  session.bytes += known;
  return storeRest(session, bytes.subarray(known));
}

function readHeader(session: Session, bytes: Buffer): void {
  const end = bytes.indexOf(HEADER_END);
  const head = bytes.toString('latin1', 0, end === -1 ? MAX_HEADER_BYTES : end);
  session.messageId = /^message-id:\s*(\S+)/im.exec(head)?.[1] ?? '';
  session.queueId = /^received:[^]*? \(Postfix\) with \w+ id (\w+)/i.exec(head)?.[1] ?? '';
  session.isSigned = /^dkim-signature:/im.test(head);
}

function finishMessage(session: Session): void {
  const { sink } = session;
  const fault = pickFault(sink.behaviour, 'dot');
  if (fault === undefined || fault.taken === true) recordMessage(session);
  Object.assign(session, { hasSender: false, recipient: '' });
  if (fault !== undefined) return applyFault(session, fault.reply);
  const reply = `250 2.0.0 Ok: queued as ${sink.messages.toString(36)}\r\n`;
  const { finalDotMs } = sink.replyDelay;
  if (finalDotMs === 0) session.replies += reply;
  else replyLater(session, reply, Math.random() * 2 * finalDotMs);
}

function recordMessage({ sink, recipient, bytes, messageId, queueId, isSigned }: Session): void {
  sink.messages += 1;
  if (isSigned) sink.signed += 1;
  sink.bytes += bytes;
  const now = Date.now();
  const taken = sink.recipients.get(recipient);
  if (taken === undefined) {
    sink.recipients.set(recipient, { count: 1, messageIds: [messageId], queueIds: [queueId], lastAt: now });
    return;
  }
  taken.count += 1;
  taken.lastAt = now;
  taken.messageIds.push(messageId);
  taken.queueIds.push(queueId);
}
