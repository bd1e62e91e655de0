import { formatDateTime } from '../../platform/text/format-dates.js';
import type { AlertContent, AlertTextContext, CauseOf } from './content.js';

/** The mailbox in which bounces come back cannot be read. */
export function describeUnreadMailbox(
  { mailbox: { name, failure, failureReason, failingSince } }: CauseOf<'unread-mailbox'>,
  { publication, t }: AlertTextContext,
): AlertContent {
  return {
    subject: t('mailbox.subject'),
    title: t('mailbox.title'),
    says: [
      t(`mailbox.${failure}`, { name, since: formatDateTime(failingSince, publication.timezone, 'en') }),
      t('mailbox.mail'),
    ],
    reason: failureReason,
    choices: [t(`mailbox.fix.${failure}`), t('mailbox.next')],
    path: '/operator/health#inbound',
    button: t('look'),
    commands: ['npx paperround doctor health'],
  };
}

/** Mails that came back and could not be read. */
export function describeFailedMails(
  { count }: CauseOf<'failed-mails'>,
  { t }: AlertTextContext,
): AlertContent {
  return {
    subject: t('failedMails.subject', { count }),
    title: t('failedMails.title'),
    says: [t('failedMails.what', { count }), t('failedMails.kept')],
    reason: null,
    choices: [t('failedMails.fix')],
    path: '/operator/health#inbound',
    button: t('look'),
    commands: ['npx paperround event mails --state failed', 'npx paperround event reread --failed'],
  };
}
