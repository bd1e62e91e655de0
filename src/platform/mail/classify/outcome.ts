import { isBadAddress, isTransientFailure, isSenderFault } from './bounce-rules.js';
import { parseReply, normalizedText, type ParsedReply } from './parse-reply.js';

/**
 * What became of one message to one recipient. `answer` is the server's own words, or ours where there was no server.
 * Only `rejected` is the reader's address at fault; `sender-fault` is about us and never counts against her.
 */
export type Outcome =
  | { kind: 'accepted'; reply: string; providerMessageId?: string }
  /** Try again later: 4xx, or a 5xx that describes the mailbox's present state. */
  | { kind: 'deferred'; reply: string }
  /** The address is bad for good. */
  | { kind: 'rejected'; reply: string }
  /** 5xx about our server, our domain or this message. */
  | { kind: 'sender-fault'; reply: string }
  /** Lost before the final dot: certainly not taken. */
  | { kind: 'not-sent'; reply: string }
  /** The final dot went out and no (or a garbled) answer came back. */
  | { kind: 'uncertain'; reply: string }
  /** The gate said no: certainly not taken. */
  | { kind: 'withdrawn' };

/** Our own doing: asking for the message, or for leave to finish it, failed. */
export function errorToOutcome(error: unknown): Outcome {
  const reason = error instanceof Error ? error.message : String(error);
  return { kind: 'not-sent', reply: `Stopped before the final dot: ${reason}` };
}

/** What the server was answering: our connection (greeting, EHLO, AUTH), MAIL, RCPT, DATA, or the final dot. */
export type ReplyStage = 'connect' | 'mail' | 'rcpt' | 'data' | 'dot';

/**
 * Sort a reply that ends a delivery. `text` is the reply without its code, lines joined with LF.
 *
 * A 4xx defers at every stage. A 5xx to the connection, MAIL or DATA is about us. A 5xx to RCPT or the dot rejects the
 * address only when it says that the address is bad, and never when it names a block list or our reputation:
 * suppressing a reader for that could not be undone. Whatever is neither about the mailbox nor known is about us.
 */
export function classifyReply(stage: ReplyStage, code: number, text: string): Outcome {
  const parsed = parseReply(code, text);
  const words = parsed.reply;
  if (code >= 400 && code < 500) return { kind: 'deferred', reply: words };
  if (code >= 500 && code < 600) return { kind: classifyPermanentFailure(stage, parsed), reply: words };
  if (stage !== 'dot') return { kind: 'not-sent', reply: words };
  if (code < 200 || code >= 300) return { kind: 'uncertain', reply: words };
  return acceptedOutcome(parsed);
}

function classifyPermanentFailure(
  stage: ReplyStage,
  reply: ParsedReply,
): 'rejected' | 'deferred' | 'sender-fault' {
  if (stage !== 'rcpt' && stage !== 'dot') return 'sender-fault';
  const refusal = { ...reply, words: normalizedText(reply) };
  if (isSenderFault(refusal)) return 'sender-fault';
  if (isTransientFailure(refusal)) return 'deferred';
  return isBadAddress(refusal) ? 'rejected' : 'sender-fault';
}

/** How well-known servers name the message they took. */
const PROVIDER_ID_PATTERNS = [
  /(<[^<>\s]+@[^<>\s]+>)/, // Outlook.com, Microsoft 365
  /\bqueued as ([\w.+-]+)/i, // Postfix and its kin
  /\bid=([\w.+-]+)/i, // Exim
  /^250 ok ([0-9a-f]+(?:-[0-9a-f]+)+)$/i, // Amazon SES
];

function acceptedOutcome({ reply }: ParsedReply): Outcome {
  for (const pattern of PROVIDER_ID_PATTERNS) {
    const id = pattern.exec(reply)?.[1];
    if (id !== undefined) return { kind: 'accepted', reply: reply, providerMessageId: id };
  }
  return { kind: 'accepted', reply: reply };
}
