import { isBadAddress, isSenderFault, isTransientFailure } from './bounce-rules.js';
import type { Outcome } from './outcome.js';
import { normalizedText, parseReply, type ParsedReply } from './parse-reply.js';

/** What the server replied to: our connection (greeting, EHLO, AUTH), MAIL, RCPT, DATA, or the final dot. */
export type ReplyStage = 'connect' | 'mail' | 'rcpt' | 'data' | 'final-dot';

/**
 * Classifies a reply that ends an attempt, as a bounce, a delay, or a problem with us as the sender.
 *
 * A 4xx defers at every stage. A 5xx to the connection, MAIL or DATA is about us. A 5xx to RCPT or the final dot rejects
 * the address only when it says that the address is bad, and never when it names a block list or our reputation:
 * she would be suppressed for something that is not about her. What is unknown counts as about us.
 * @param text the reply without its code, lines joined with LF
 */
export function classifyReply(stage: ReplyStage, code: number, text: string): Outcome {
  const parsed = parseReply(code, text);
  const { reply } = parsed;
  if (code >= 400 && code < 500) return { kind: 'deferred', reply };
  if (code >= 500 && code < 600) return { kind: classifyPermanentFailure(stage, parsed), reply };
  if (stage !== 'final-dot') return { kind: 'not-sent', reply };
  if (code < 200 || code >= 300) return { kind: 'uncertain', reply };
  return acceptedOutcome(reply);
}

function classifyPermanentFailure(
  stage: ReplyStage,
  parsed: ParsedReply,
): 'rejected' | 'deferred' | 'sender-fault' {
  if (stage !== 'rcpt' && stage !== 'final-dot') return 'sender-fault';
  const failure = { ...parsed, text: normalizedText(parsed) };
  if (isSenderFault(failure)) return 'sender-fault';
  if (isTransientFailure(failure)) return 'deferred';
  return isBadAddress(failure) ? 'rejected' : 'sender-fault';
}

/** Where the replies of well-known servers have their id of the accepted message. */
const PROVIDER_ID_PATTERNS = [
  /(<[^<>\s]+@[^<>\s]+>)/, // Outlook.com, Microsoft 365
  /\bqueued as ([\w.+-]+)/i, // Postfix and others
  /\bid=([\w.+-]+)/i, // Exim
  /^250 ok ([0-9a-f]+(?:-[0-9a-f]+)+)$/i, // Amazon SES
];

function acceptedOutcome(reply: string): Outcome {
  for (const pattern of PROVIDER_ID_PATTERNS) {
    const id = pattern.exec(reply)?.[1];
    if (id !== undefined) return { kind: 'accepted', reply, providerMessageId: id };
  }
  return { kind: 'accepted', reply };
}
