import type { Outcome } from '../platform/mail/classify/outcome.js';
import type { Mailer } from '../platform/mail/smtp/mailer.js';

export type DeliveryState =
  'queued' | 'sending' | 'accepted' | 'deferred' | 'rejected' | 'uncertain' | 'skipped';

/** The ledger's sum: planned = queued + sending + accepted + deferred + rejected + uncertain + skipped. Always. */
export type DeliveryCounts = Record<DeliveryState, number> & { planned: number };

export const deliveryStates: readonly DeliveryState[] = [
  'queued',
  'sending',
  'accepted',
  'deferred',
  'rejected',
  'uncertain',
  'skipped',
];

/** The deliveries of a digest that one worker leases at a time. */
export type BatchKey = { digestId: string; number: number };

/** One delivery of a digest at one attempt: the fence, because an answer counts only for the attempt it belongs to. */
export type AttemptKey = { subscriptionId: string; attempt: number };

/** What an attempt leaves in the row. */
export type AttemptResult = {
  state: 'queued' | 'accepted' | 'deferred' | 'rejected' | 'uncertain' | 'skipped';
  /** The server's words, or ours. */
  answer: string | null;
  nextAttemptAt: Date | null;
  providerMessageId: string | null;
};

/** An attempt that was given up before it began, and why. */
export function skippedResult(reason: string): AttemptResult {
  return attemptResult('skipped', reason);
}

const RETRY_SOON_MS = 10_000;

/** A connection that broke before anything was taken is tried again then: not at once, and not all together. */
export function retrySoon(now: Date): Date {
  return new Date(now.getTime() + RETRY_SOON_MS * (1 + Math.random()));
}

/** Untouched: the next attempt may begin at once, or at a time, for a reason. */
export function queuedResult(nextAttemptAt: Date | null = null, reason: string | null = null): AttemptResult {
  return attemptResult('queued', reason, nextAttemptAt);
}

/** Notices follow the most careful of the servers' policies. */
export function shouldResendNotices({ transports }: Mailer): boolean {
  return transports.every(({ settings }) => settings.uncertainPolicy === 'resend');
}

const MINUTE_MS = 60_000;
/** What was refused because of us is tried again then, unless the circuit has opened and somebody has to look. */
const SENDER_FAULT_RETRY_MS = 15 * MINUTE_MS;
const MAX_BACKOFF_MS = 4 * 60 * MINUTE_MS;

/** How long an uncertain delivery waits for a late answer before the transport's policy applies. */
export const UNCERTAIN_WAIT_MS = 10 * MINUTE_MS;

/** A server that keeps taking a mail and never says so has it by now; after this an operator decides. */
export const MAX_RESENDS = 3;

/**
 * What an attempt's outcome makes of a delivery or notice.
 * @param row how often it was deferred before and the moment after which nobody wants the mail any more
 * @param random 0 to 1, for the jitter
 */
export function toAttemptResult(
  outcome: Outcome,
  row: { deferrals: number; expiresAt: Date },
  now: Date,
  random: number,
): AttemptResult {
  const answer = 'reply' in outcome ? outcome.reply : null;
  switch (outcome.kind) {
    case 'accepted':
      return attemptResult('accepted', answer, null, outcome.providerMessageId);
    case 'rejected':
    case 'uncertain':
      return attemptResult(outcome.kind, answer);
    case 'not-sent':
    case 'withdrawn':
      return attemptResult('queued', answer);
    case 'deferred': {
      const nextAttemptAt = new Date(now.getTime() + backoffMs(row.deferrals, random));
      return nextAttemptAt < row.expiresAt
        ? attemptResult('deferred', answer, nextAttemptAt)
        : attemptResult('rejected', answer);
    }
    case 'sender-fault': {
      // Never put down to her address: it waits for us to be trusted again.
      const nextAttemptAt = new Date(now.getTime() + SENDER_FAULT_RETRY_MS * (0.75 + random / 2));
      return nextAttemptAt < row.expiresAt
        ? attemptResult('queued', answer, nextAttemptAt)
        : attemptResult('skipped', answer);
    }
  }
}

function attemptResult(
  state: AttemptResult['state'],
  answer: string | null,
  nextAttemptAt: Date | null = null,
  providerMessageId: string | null = null,
): AttemptResult {
  return { state, answer, nextAttemptAt, providerMessageId };
}

/** 1 min, 4 min, 16 min, 64 min, then 4 h, each a quarter more or less. */
function backoffMs(deferrals: number, random: number): number {
  return Math.min(MINUTE_MS * 4 ** deferrals, MAX_BACKOFF_MS) * (0.75 + random / 2);
}
