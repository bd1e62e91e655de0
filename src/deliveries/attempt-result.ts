import { HOUR_MS, MINUTE_MS, SECOND_MS } from '../platform/durations.js';
import type { Outcome } from '../platform/mail/classify/outcome.js';
import { assessReply } from '../transports/circuits/reply-health.js';
import { needsConfirmation } from '../subscribers/suppression/soft-bounces.js';
import type { AttemptKey } from './delivery.js';
import type { SkipReason } from './skip-reason.js';

/** What an attempt leaves in the row. */
export type AttemptResult = {
  state: 'queued' | 'accepted' | 'deferred' | 'rejected' | 'uncertain' | 'skipped';
  /** Of skipped ones only. */
  skipReason: SkipReason | null;
  /** The mail server's words; ours where it said nothing. */
  answer: string | null;
  nextAttemptAt: Date | null;
  providerMessageId: string | null;
  /** The recipient's domain, where the server says that the address is bad for good. */
  bouncedDomain?: string;
  /** The address counts as bad only when another digest finds the same. */
  isUnconfirmedBounce?: true;
  /** The server deferred it because of the mailbox, and not to slow us down. */
  isSoftBounce?: true;
};

/** `domain`: the recipient's; absent where it is no longer known, as in journals of others. */
export type FinishedAttempt = AttemptKey & { result: AttemptResult; domain?: string };

/** The latest moment that a Date can hold. */
export const NEVER = new Date(8.64e15);

/** The mail is given up. */
export function skippedResult(skipReason: SkipReason, answer: string | null = null): AttemptResult {
  return { state: 'skipped', skipReason, answer, nextAttemptAt: null, providerMessageId: null };
}

/** Nothing was sent: the next attempt may begin at once, or at a time, for a reason in words. */
export function queuedResult(nextAttemptAt: Date | null = null, answer: string | null = null): AttemptResult {
  return sentResult('queued', answer, nextAttemptAt);
}

const RETRY_SOON_MS = 10 * SECOND_MS;

/** When a connection that broke before anything was taken is tried again: in 10 to 20 seconds, not all together. */
export function retrySoonAt(now: Date): Date {
  return new Date(now.getTime() + RETRY_SOON_MS * (1 + Math.random()));
}

/** What was refused because of us is tried again then, unless the circuit has opened and an operator has to look. */
const SENDER_FAULT_RETRY_MS = 15 * MINUTE_MS;
const MAX_BACKOFF_MS = 4 * HOUR_MS;

/**
 * What an attempt's outcome makes of a delivery or notice.
 * @param row how often it was deferred before, the moment after which it is not worth sending, and the recipient's domain
 * @param random 0 to 1, for the jitter
 */
export function toAttemptResult(
  outcome: Outcome,
  row: { deferrals: number; expiresAt: Date; domain: string },
  now: Date,
  random: number,
): AttemptResult {
  const reply = 'reply' in outcome ? outcome.reply : null;
  switch (outcome.kind) {
    case 'accepted':
      return sentResult('accepted', reply, null, outcome.providerMessageId);
    case 'rejected':
      return rejectedResult(outcome.reply, row.domain);
    case 'refused':
      return sentResult('rejected', reply);
    case 'uncertain':
      return sentResult('uncertain', reply);
    case 'unreachable':
    case 'not-sent':
    case 'withdrawn':
      return sentResult('queued', reply);
    case 'deferred': {
      const nextAttemptAt = new Date(now.getTime() + backoffMs(row.deferrals, random));
      const result =
        nextAttemptAt < row.expiresAt
          ? sentResult('deferred', reply, nextAttemptAt)
          : sentResult('rejected', reply);
      return assessReply(outcome) === 'throttled' ? result : { ...result, isSoftBounce: true };
    }
    case 'sender-fault': {
      // It does not count against the reader's address: it waits until the server trusts us again.
      const nextAttemptAt = new Date(now.getTime() + SENDER_FAULT_RETRY_MS * (0.75 + random / 2));
      return nextAttemptAt < row.expiresAt
        ? sentResult('queued', reply, nextAttemptAt)
        : skippedResult('sender-fault', reply);
    }
  }
}

function rejectedResult(reply: string, bouncedDomain: string): AttemptResult {
  const result = { ...sentResult('rejected', reply), bouncedDomain };
  const status = /^\d{3}[ -](\d\.\d{1,3}\.\d{1,3})\b/.exec(reply)?.[1];
  return needsConfirmation(status) ? { ...result, isUnconfirmedBounce: true } : result;
}

function sentResult(
  state: Exclude<AttemptResult['state'], 'skipped'>,
  answer: string | null,
  nextAttemptAt: Date | null = null,
  providerMessageId: string | null = null,
): AttemptResult {
  return { state, skipReason: null, answer, nextAttemptAt, providerMessageId };
}

/** 1 min, 4 min, 16 min, 64 min, then 4 h, each a quarter more or less. */
function backoffMs(deferrals: number, random: number): number {
  return Math.min(MINUTE_MS * 4 ** deferrals, MAX_BACKOFF_MS) * (0.75 + random / 2);
}
