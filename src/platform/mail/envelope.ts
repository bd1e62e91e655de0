import { domainOf, isMailable, needsSmtpUtf8, onTheWire } from './address.js';
import type { Envelope, Message } from './message.js';
import type { Outcome } from './outcome.js';
import type { Session } from './session.js';

/** MAIL, RCPT and DATA as they go out, each with its CRLF. */
export type Introduction = { mail: string; rcpt: string; data: string };

export function introductionOf(
  { envelope: { from, to }, content }: Message,
  { offers }: Session,
): Introduction {
  const size = offers.has('SIZE') ? ` SIZE=${content.length}` : '';
  const utf8 = needsSmtpUtf8(to) || needsSmtpUtf8(from);
  const eightBit = utf8 ? ` SMTPUTF8${offers.has('8BITMIME') ? ' BODY=8BITMIME' : ''}` : '';
  return {
    mail: `MAIL FROM:<${onTheWire(from)}>${size}${eightBit}\r\n`,
    rcpt: `RCPT TO:<${onTheWire(to)}>\r\n`,
    data: 'DATA\r\n',
  };
}

/** Why this message cannot even be written to this server. */
export function troubleWith({ from, to }: Envelope, { offers }: Session): Outcome | undefined {
  if (!isMailable(to))
    return { kind: 'rejected', answer: 'This is not an address that mail can be sent to.' };
  if (from !== '' && !isMailable(from))
    return { kind: 'sender-fault', answer: 'The envelope sender is no address.' };
  if (offers.has('SMTPUTF8')) return undefined;
  if (needsSmtpUtf8(to)) return { kind: 'rejected', answer: NO_SMTPUTF8 };
  return needsSmtpUtf8(from) ? { kind: 'sender-fault', answer: NO_SMTPUTF8 } : undefined;
}

/** RFC 6531: without SMTPUTF8 the address cannot be written at all. */
const NO_SMTPUTF8 =
  'The mail server cannot take addresses with letters beyond ASCII before the @ (no SMTPUTF8).';

/** Servers repeat the address in their answers. Answers are kept for long; an erased address must not be among them. */
export function unnamed(outcome: Outcome, { to }: Envelope): Outcome {
  if (!('answer' in outcome) || !outcome.answer.includes('@')) return outcome;
  const answer = [to, onTheWire(to)].reduce(withoutAddress, outcome.answer);
  return { ...outcome, answer };
}

function withoutAddress(answer: string, address: string): string {
  if (!answer.toLowerCase().includes(address.toLowerCase())) return answer;
  return answer.replace(new RegExp(address.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'), 'gi'), '…');
}

/** The recipient's domain, as servers compare it. */
export function recipientDomain({ to }: Envelope): string {
  return domainOf(onTheWire(to));
}
