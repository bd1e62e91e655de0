import { domainOf, isMailable, needsSmtpUtf8, withAsciiDomain } from '../address.js';
import type { Outcome } from '../classify/outcome.js';
import type { Envelope, Message } from '../message.js';
import type { QueuedMessage } from './priority-queue.js';
import type { SmtpSession } from './session.js';
import { redactAddress } from '../../text/redact.js';

/** MAIL, RCPT and DATA as they are sent, each with its CRLF. */
export type EnvelopeCommands = { mail: string; rcpt: string; data: string };

/** A queued message that a connection is to send. */
export type AssignedMessage = {
  readonly queued: QueuedMessage;
  readonly message: Message;
  /** The recipient's domain, or empty where connections to one domain are not limited. */
  readonly domain: string;
  readonly commands: EnvelopeCommands;
  /** MAIL, RCPT and DATA were sent together with the final dot of the message before (RFC 2920). */
  envelopeSent: boolean;
};

export function envelopeCommands(
  { envelope: { from, to }, content }: Message,
  { extensions }: SmtpSession,
): EnvelopeCommands {
  const size = extensions.has('SIZE') ? ` SIZE=${content.length}` : '';
  const utf8 = needsSmtpUtf8(to) || needsSmtpUtf8(from);
  const eightBit = utf8 ? ` SMTPUTF8${extensions.has('8BITMIME') ? ' BODY=8BITMIME' : ''}` : '';
  return {
    mail: `MAIL FROM:<${withAsciiDomain(from)}>${size}${eightBit}\r\n`,
    rcpt: `RCPT TO:<${withAsciiDomain(to)}>\r\n`,
    data: 'DATA\r\n',
  };
}

/** All three in one group, for a server that offers PIPELINING (RFC 2920). */
export function pipelinedCommands({ mail, rcpt, data }: EnvelopeCommands): string {
  return mail + rcpt + data;
}

/** The outcome of a message whose envelope cannot be written to this server; undefined when it can. */
export function unsendableOutcome({ from, to }: Envelope, { extensions }: SmtpSession): Outcome | undefined {
  if (!isMailable(to)) return { kind: 'rejected', reply: 'This is not an address that mail can be sent to.' };
  if (from !== '' && !isMailable(from))
    return { kind: 'sender-fault', reply: 'The envelope sender is no address.' };
  if (extensions.has('SMTPUTF8')) return undefined;
  // The server cannot, and the address is good.
  if (needsSmtpUtf8(to)) return { kind: 'refused', reply: NO_SMTPUTF8_MESSAGE };
  return needsSmtpUtf8(from) ? { kind: 'sender-fault', reply: NO_SMTPUTF8_MESSAGE } : undefined;
}

/** RFC 6531: without SMTPUTF8 the address cannot be written at all. */
const NO_SMTPUTF8_MESSAGE =
  'The mail server cannot take addresses with letters beyond ASCII before the @ (no SMTPUTF8).';

/** Takes the recipient's address out of the reply: replies are stored, and must not hold an address that is erased later. */
export function redactRecipient(outcome: Outcome, { to }: Envelope): Outcome {
  if (!('reply' in outcome) || !outcome.reply.includes('@')) return outcome;
  return { ...outcome, reply: [to, withAsciiDomain(to)].reduce(redactAddress, outcome.reply) };
}

/** The recipient's domain in lower case and A-labels. */
export function recipientDomain({ to }: Envelope): string {
  return domainOf(withAsciiDomain(to));
}
