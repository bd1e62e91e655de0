import type { Mailer } from '../../platform/mail/smtp/mailer.js';
import { UNCERTAIN_WAIT_MS } from '../delivery.js';

/** A row does not say which server a notice went to: uncertain ones are sent again only if that is every server's policy. */
export function shouldResendNotices({ transports }: Mailer): boolean {
  return transports.every(({ settings }) => settings.uncertainPolicy === 'resend');
}

/** When a notice that has just become uncertain is sent again; null: never by itself. */
export function noticeResendAt(mailer: Mailer, now: Date): Date | null {
  return shouldResendNotices(mailer) ? new Date(now.getTime() + UNCERTAIN_WAIT_MS) : null;
}
