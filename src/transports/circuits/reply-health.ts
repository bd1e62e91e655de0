import type { Outcome } from '../../platform/mail/classify/outcome.js';

/** What an answer says about us: they take our mail, refuse it, ask us to slow down, or do not know the reader. */
export type ReplyHealth = 'fine' | 'refused' | 'throttled' | 'rejected';

/**
 * What a server's answer is worth to a circuit. A delay for any other reason (a full mailbox, a greylist) is `fine`: they
 * talk to us as to anybody. Undefined: nobody answered.
 */
export function assessReply(outcome: Outcome): ReplyHealth | undefined {
  switch (outcome.kind) {
    case 'accepted':
      return 'fine';
    case 'rejected':
      return 'rejected';
    case 'sender-fault':
      return 'refused';
    case 'deferred':
      return isThrottling(outcome.reply) ? 'throttled' : 'fine';
    case 'not-sent':
    case 'uncertain':
    case 'withdrawn':
      return undefined;
  }
}

/** 421, or a 4.7.x wherever in the reply it stands: how the large providers say "not so fast". */
const THROTTLING_CODE_PATTERN = /^421\b|^4\d\d\b.*(^|[\s#([])4\.7\.\d/;
/** Relays that say it in words: Amazon SES ("Throttling failure", "Maximum sending rate exceeded") and others. */
const THROTTLING_WORDS_PATTERN =
  /throttl|rate limit|sending rate|too many (messages|connections|e-?mails)|(daily|hourly|sending|message) (quota|limit) (is |was )?exceeded/i;
/** Each new reader is put off once, also with 4.7.1. Waiting for the whole domain would put off everybody again and again. */
const GREYLISTING_PATTERN = /gr[ae]y-?\s?list/i;

function isThrottling(answer: string): boolean {
  return (
    !GREYLISTING_PATTERN.test(answer) &&
    (THROTTLING_CODE_PATTERN.test(answer) || THROTTLING_WORDS_PATTERN.test(answer))
  );
}
