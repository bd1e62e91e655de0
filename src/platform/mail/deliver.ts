import { needsSmtpUtf8, onTheWire } from './address.js';
import { dotStuffed } from './dot-stuffing.js';
import { classifyReply, type Outcome, type Stage } from './outcome.js';
import type { Reply } from './replies.js';
import type { Session } from './session.js';
import { disturbance, flush, lose, nextReply, write } from './wire.js';

/** `raw` has CRLF line ends only, as `composeMessage` makes it. An empty `from` is the null sender. */
export type Message = { envelope: { from: string; to: string }; raw: Buffer };

export type Gate = {
  /**
   * The whole body is out and the server waits for the final dot. True lets the dot go; false withdraws the message.
   * What must be known after a crash is to be durable before it resolves.
   */
  beforeDot(): Promise<boolean>;
};

/** The connection had died while idle, before the server saw anything of this message: try another. */
export type Stale = { kind: 'stale' };

/** Send one message to one reader. A server forgets a message whose final dot never came, so all doubt is after the dot. */
export async function deliver(session: Session, message: Message, gate: Gate): Promise<Outcome | Stale> {
  const trouble = utf8Trouble(session, message);
  if (trouble !== undefined) return trouble;
  const refusal = await introduce(session, commandsFor(session, message));
  return unnamed(refusal ?? (await sendBody(session, message.raw, gate)), message.envelope.to);
}

/** Servers repeat the address in their answers. Answers are kept for long; an erased address must not be among them. */
function unnamed<Result extends Outcome | Stale>(outcome: Result, to: string): Result {
  if (!('answer' in outcome)) return outcome;
  const address = new RegExp(to.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'), 'gi');
  return { ...outcome, answer: outcome.answer.replace(address, '…') };
}

/** RFC 6531: without SMTPUTF8 the address cannot be written at all. */
function utf8Trouble({ offers }: Session, { envelope }: Message): Outcome | undefined {
  if (offers.has('SMTPUTF8')) return undefined;
  const answer =
    'The mail server cannot take addresses with letters beyond ASCII before the @ (no SMTPUTF8).';
  if (needsSmtpUtf8(envelope.to)) return { kind: 'rejected', answer };
  return needsSmtpUtf8(envelope.from) ? { kind: 'sender-fault', answer } : undefined;
}

type Command = { stage: Stage; line: string; timeout: number };

function commandsFor({ offers, timeouts }: Session, { envelope, raw }: Message): Command[] {
  const utf8 = needsSmtpUtf8(envelope.to) || needsSmtpUtf8(envelope.from);
  const size = offers.has('SIZE') ? ` SIZE=${raw.length}` : '';
  const eightBit = utf8 ? ` SMTPUTF8${offers.has('8BITMIME') ? ' BODY=8BITMIME' : ''}` : '';
  return [
    {
      stage: 'mail',
      line: `MAIL FROM:<${onTheWire(envelope.from)}>${size}${eightBit}\r\n`,
      timeout: timeouts.command,
    },
    { stage: 'rcpt', line: `RCPT TO:<${onTheWire(envelope.to)}>\r\n`, timeout: timeouts.command },
    { stage: 'data', line: 'DATA\r\n', timeout: timeouts.data },
  ];
}

/** MAIL, RCPT and DATA, in one go where the server takes it (RFC 2920). Undefined when it waits for the body. */
async function introduce(session: Session, commands: Command[]): Promise<Outcome | Stale | undefined> {
  const pipelining = session.offers.has('PIPELINING');
  if (pipelining) write(session.wire, commands.map(({ line }) => line).join(''));
  let refusal: Refusal | undefined;
  for (const { stage, line, timeout } of commands) {
    if (!pipelining) write(session.wire, line);
    const reply = await nextReply(session.wire, timeout);
    if (reply.kind === 'lost') return refusal?.outcome ?? lostEarly(session, stage, reply.reason);
    refusal ??= refusalOf(stage, reply);
    if (refusal?.reply.code === 421) return hangUp(session, refusal.outcome);
    if (refusal !== undefined && (!pipelining || stage === 'data')) return settle(session, refusal, reply);
  }
  return undefined;
}

type Refusal = { stage: Stage; reply: Reply; outcome: Outcome };

function refusalOf(stage: Stage, reply: Reply): Refusal | undefined {
  const wanted = stage === 'data' ? 3 : 2;
  if (Math.trunc(reply.code / 100) === wanted) return undefined;
  return { stage, reply, outcome: classifyReply(stage, reply.code, reply.text) };
}

/** A connection that dies in silence had usually been closed while it was idle. */
function lostEarly(session: Session, stage: Stage, reason: string): Outcome | Stale {
  return session.uses > 1 && stage === 'mail' ? { kind: 'stale' } : { kind: 'not-sent', answer: reason };
}

/**
 * Leave the connection ready for the next message. When DATA was taken without a recipient, an empty message to nobody
 * ends it; a server that takes DATA without a sender is not to be trusted with that.
 */
async function settle(session: Session, { stage, outcome }: Refusal, last: Reply): Promise<Outcome> {
  const dataTaken = last.code >= 300 && last.code < 400;
  if (dataTaken && stage !== 'rcpt') return hangUp(session, outcome);
  write(session.wire, dataTaken ? '.\r\nRSET\r\n' : 'RSET\r\n');
  if (dataTaken) await nextReply(session.wire, session.timeouts.dot);
  const reset = await nextReply(session.wire, session.timeouts.command);
  return reset.kind === 'reply' && reset.code === 250 ? outcome : hangUp(session, outcome);
}

async function sendBody(session: Session, raw: Buffer, gate: Gate): Promise<Outcome> {
  const blocks = Math.max(1, Math.ceil(raw.length / 65_536));
  await flush(session.wire, dotStuffed(raw), session.timeouts.block * blocks);
  const early = interruption(session);
  if (early !== undefined) return early;
  const answer = await ask(gate);
  if (answer !== true) return hangUp(session, answer);
  const late = interruption(session);
  if (late !== undefined) return late;
  write(session.wire, '.\r\n');
  return finalAnswer(session);
}

/** The server spoke or left before the dot: it has nothing. */
function interruption(session: Session): Outcome | undefined {
  const found = disturbance(session.wire);
  if (found === undefined) return undefined;
  if (found.kind === 'lost') return { kind: 'not-sent', answer: found.reason };
  return hangUp(session, classifyReply('data', found.code, found.text));
}

async function ask(gate: Gate): Promise<true | Outcome> {
  try {
    return (await gate.beforeDot()) ? true : { kind: 'withdrawn' };
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return { kind: 'not-sent', answer: `Stopped before the final dot: ${reason}` };
  }
}

async function finalAnswer(session: Session): Promise<Outcome> {
  const reply = await nextReply(session.wire, session.timeouts.dot);
  if (reply.kind === 'lost') return { kind: 'uncertain', answer: reply.reason };
  const outcome = classifyReply('dot', reply.code, reply.text);
  return outcome.kind === 'uncertain' || reply.code === 421 ? hangUp(session, outcome) : outcome;
}

function hangUp(session: Session, outcome: Outcome): Outcome {
  lose(session.wire, 'We closed the connection.');
  return outcome;
}
