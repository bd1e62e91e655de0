import type { InboundMail } from '../../platform/mail/inbound/inbound-mails.js';
import type { Report, ReportedRecipient } from '../../platform/mail/reports/report.js';
import type { IncomingEvent } from '../event.js';

/** A mail that came to several of our addresses is about each of them; more are not looked at. */
const MAX_RETURN_PATHS = 20;

/**
 * What a report says, as events. Read again by a newer version, what is understood in the same way is the same event, and what is
 * understood otherwise is another one.
 * @param returnPaths those of ours that it came to, or that are in it
 */
export function toEvents(
  mail: Pick<InboundMail, 'id' | 'source' | 'receivedAt'>,
  report: Report,
  returnPaths: readonly string[],
): IncomingEvent[] {
  const paths = returnPaths.length === 0 ? [undefined] : returnPaths.slice(0, MAX_RETURN_PATHS);
  return paths.flatMap((returnPath) =>
    report.recipients.map((recipient, at): IncomingEvent => ({
      ...said(recipient),
      key: [mail.id, returnPath ?? '', at, recipient.class].join(' '),
      source: mail.source,
      occurredAt: earlier(report.date, mail.receivedAt),
      match: { messageIds: report.messageIds, ...(returnPath !== undefined && { returnPath }) },
      isAuthenticated: false,
      inboundMailId: mail.id,
    })),
  );
}

function said({
  class: kind,
  scope,
  status,
  code,
  reason,
  recipient,
}: ReportedRecipient): Pick<IncomingEvent, 'class' | 'scope' | 'status' | 'code' | 'reason' | 'recipient'> {
  return {
    class: kind,
    scope,
    ...(status !== undefined && { status }),
    ...(code !== undefined && { code }),
    ...(reason !== undefined && { reason }),
    ...(recipient !== undefined && { recipient }),
  };
}

/** A server whose clock is ahead writes reports from the future. */
function earlier(written: Date | undefined, received: Date): Date {
  return written !== undefined && written < received ? written : received;
}
