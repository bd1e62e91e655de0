import type { Context } from '../../platform/context.js';
import type { InboundState } from '../../platform/mail/inbound/inbound-mail.js';
import type { InboundMail } from '../../platform/mail/inbound/inbound-mails.js';

export type ReadContext = Pick<Context, 'actor' | 'config' | 'db' | 'links' | 'log' | 'now' | 'hashAddress'>;

export type StoredMail = InboundMail & { raw: Buffer };

/** What became of a mail; a reason where nothing follows from it, or where reading it failed. */
export type ReadResult = { state: Exclude<InboundState, 'waiting'>; reason: string | null };

/** Why nothing follows from a mail. */
export type IgnoreReason =
  | 'nothing-reported'
  | 'not-for-us'
  | 'automatic'
  | 'too-large'
  | 'mail-unknown'
  | 'no-reply-to'
  | 'too-many';

export function ignored(reason: IgnoreReason): ReadResult {
  return { state: 'ignored', reason };
}
