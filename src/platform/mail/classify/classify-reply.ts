import { diagnose } from './bounce-rules.js';
import { DIAGNOSES } from './diagnosis.js';
import type { Outcome } from './outcome.js';
import { normalizedText, parseReply, type ParsedReply } from './parse-reply.js';

/** What the server replied to: MAIL, RCPT, DATA, or the final dot. */
export type ReplyStage = 'mail' | 'rcpt' | 'data' | 'final-dot';

/**
 * Classifies a reply that ends an attempt, as a bounce, a delay, or a problem with us as the sender.
 *
 * A 4xx defers at every stage. A 5xx to MAIL or DATA is about us. What a 5xx to RCPT or the final dot is about, the
 * table in `bounce-rules.ts` says.
 * @param text the reply without its code, lines joined with LF
 */
export function classifyReply(stage: ReplyStage, code: number, text: string): Outcome {
  const parsed = parseReply(code, text);
  const { reply } = parsed;
  if (code >= 400 && code < 500) return { kind: 'deferred', reply, ...scopeOf(stage) };
  if (code >= 500 && code < 600) return permanentFailure(stage, parsed);
  if (stage !== 'final-dot') return { kind: 'not-sent', reply };
  if (code < 200 || code >= 300) return { kind: 'uncertain', reply };
  return acceptedOutcome(reply);
}

function permanentFailure(stage: ReplyStage, parsed: ParsedReply): Outcome {
  const { reply } = parsed;
  if (stage !== 'rcpt' && stage !== 'final-dot') return { kind: 'sender-fault', reply, ...scopeOf(stage) };
  const diagnosis = diagnose({ ...parsed, text: normalizedText(reply) });
  if (diagnosis === 'refused-by-mailbox') return { kind: 'refused', reply };
  if (diagnosis === 'too-much') return { kind: 'deferred', reply };
  return { kind: OUTCOME_OF_CLASS[DIAGNOSES[diagnosis].class], reply };
}

const OUTCOME_OF_CLASS = { hard: 'rejected', soft: 'deferred', 'sender-fault': 'sender-fault' } as const;

/** What a server says before it knows the recipient is true of all of them. */
function scopeOf(stage: ReplyStage): { isServerWide?: true } {
  return stage === 'mail' ? { isServerWide: true } : {};
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
