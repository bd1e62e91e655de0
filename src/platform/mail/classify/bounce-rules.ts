import type { Diagnosis } from './diagnosis.js';
import type { BounceRule } from './rule.js';
import {
  POLICY_STATUSES,
  RATE_WORDS,
  RECIPIENT_POLICY_WORDS,
  SENDER_STATUSES,
  SENDER_WORDS,
  SIGNED_TWICE,
} from './rules-about-us.js';
import { CODES, OTHER_WORDS, PASSING_WORDS, STATUSES, VAGUE_STATUSES } from './rules-about-mailbox.js';
import { TELLING_WORDS } from './rules-beside-any-status.js';

/**
 * In the order in which they are asked; the first that applies decides. Words about rate, session or sender come before the
 * status, because servers put them beside any status, and so do the clearest words about the recipient; a telling status comes before
 * other words, and the code comes last.
 */
export const BOUNCE_RULES: readonly BounceRule[] = [
  ...POLICY_STATUSES,
  ...RATE_WORDS,
  ...RECIPIENT_POLICY_WORDS,
  ...SENDER_WORDS,
  ...TELLING_WORDS,
  ...SENDER_STATUSES,
  ...PASSING_WORDS,
  ...STATUSES,
  ...OTHER_WORDS,
  ...VAGUE_STATUSES,
  ...CODES,
];

/**
 * What is the matter, by the first rule that applies. What no rule knows is 'unknown', and about us: giving up a reader for it
 * could not be undone.
 * @param text what it says, from `normalizedText`
 */
export function diagnose(failure: { code?: number; status?: string; text: string }): Diagnosis {
  return BOUNCE_RULES.find((rule) => applies(rule, failure))?.diagnosis ?? 'unknown';
}

/**
 * Whether a reply of any code asks us to slow down.
 * @param text what it says, from `normalizedText`
 */
export function saysTooMuch(text: string): boolean {
  return RATE_WORDS.some(({ phrase }) => phrase?.test(text) === true);
}

/**
 * Whether a reply of any code complains of two DKIM signatures: `rewrites=true` of SMTP_URL mends it.
 * @param text what it says, from `normalizedText`
 */
export function saysSignedTwice(text: string): boolean {
  return SIGNED_TWICE.phrase?.test(text) === true;
}

/**
 * Whether Amazon SES refuses a sender that nobody has verified there, or, in its sandbox, a recipient
 * (https://repost.aws/knowledge-center/ses-554-400-message-rejected-error).
 * @param text what it says, from `normalizedText`
 */
export function saysUnverified(text: string): boolean {
  return /email address is not verified/.test(text);
}

/** Whether a rule decides: by its words, its status or its code. */
export function applies(rule: BounceRule, { code, status, text }: Parameters<typeof diagnose>[0]): boolean {
  if (rule.phrase !== undefined) return rule.phrase.test(text);
  if (rule.status === undefined) return rule.code === code;
  if (status === undefined) return false;
  const wanted = rule.status.startsWith('x.') ? `${status[0]}${rule.status.slice(1)}` : rule.status;
  return wanted.endsWith('.') ? status.startsWith(wanted) : status === wanted;
}
