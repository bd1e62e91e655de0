import { saysTooMuch } from '../../platform/mail/classify/bounce-rules.js';
import type { Outcome } from '../../platform/mail/classify/outcome.js';
import { normalizedText } from '../../platform/mail/classify/parse-reply.js';

/** What a reply says about us: they take our mail, refuse it, ask us to slow down, or do not know the reader. */
export type ReplyHealth = 'healthy' | 'refused' | 'throttled' | 'rejected';

/**
 * What a server's reply counts as for its circuit. A delay for any other reason (a full mailbox, greylisting) is `healthy`, and
 * so is what a reader's own mailbox does not let in: the server treats us as anybody. Undefined: there was no reply.
 */
export function assessReply(outcome: Outcome): ReplyHealth | undefined {
  switch (outcome.kind) {
    case 'accepted':
    case 'refused':
      return 'healthy';
    case 'rejected':
      return 'rejected';
    case 'sender-fault':
      return 'refused';
    case 'deferred':
      return isThrottling(outcome.reply) ? 'throttled' : 'healthy';
    case 'unreachable':
    case 'not-sent':
    case 'uncertain':
    case 'withdrawn':
      return undefined;
  }
}

/** A reply that is about us, rather than about one reader. */
export function isFailure(health: ReplyHealth): health is 'refused' | 'throttled' {
  return health === 'refused' || health === 'throttled';
}

/** 421, or a 4.7.x wherever in the reply it stands: how the large providers ask us to slow down. */
const THROTTLING_CODE_PATTERN = /^421\b|^4\d\d\b.*(^|[\s#([])4\.7\.\d/;
/**
 * Greylisting (RFC 6647) defers each recipient once, also with 4.7.1. Pausing the whole domain for it would defer all of
 * them again and again.
 */
const GREYLISTING_PATTERN = /gr[ae]y-?\s?list/i;

function isThrottling(reply: string): boolean {
  return (
    !GREYLISTING_PATTERN.test(reply) &&
    (THROTTLING_CODE_PATTERN.test(reply) || saysTooMuch(normalizedText(reply)))
  );
}
