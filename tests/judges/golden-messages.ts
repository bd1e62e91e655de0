import { composeMessage } from '../../src/platform/mail/mime/compose.js';
import { feedbackId, listArchive, listId } from '../../src/digests/compose/list-headers.js';
import type { Mail } from '../../src/platform/mail/mime/mail.js';
import type { Sign } from '../../src/platform/mail/mime/message-template.js';
import { accountMails, writeAccountMail } from '../mails/account-cases.js';
import { alerts, writeAlert } from '../mails/alert-cases.js';
import { date, digests, lantern, readerValues, writeDigest } from '../mails/digest-cases.js';
import { notices, writeNotice } from '../mails/notice-cases.js';

/** The headers of a digest, and of any other mail. */
const listHeaders = [
  { name: 'List-Id', value: listId(lantern) },
  { name: 'List-Unsubscribe', value: `<${readerValues.unsubscribeUrl}>` },
  { name: 'List-Unsubscribe-Post', value: 'List-Unsubscribe=One-Click' },
  { name: 'List-Archive', value: listArchive('https://mail.lantern.example', lantern) },
  { name: 'Feedback-ID', value: feedbackId(lantern, { id: lantern.id, cadence: 'weekly' }) },
];
const noticeHeaders = [{ name: 'Auto-Submitted', value: 'auto-generated' }];

const writers = [
  { all: digests, write: writeDigest, headers: listHeaders },
  { all: notices, write: writeNotice, headers: noticeHeaders },
  { all: alerts, write: writeAlert, headers: noticeHeaders },
  { all: accountMails, write: writeAccountMail, headers: noticeHeaders },
];

/** Every golden mail's HTML part, by name. */
export function goldenPages(): Map<string, string> {
  return new Map(
    writers.flatMap(({ all, write }) => Object.keys(all).map((name) => [name, write(name).html] as const)),
  );
}

/** Every golden mail as a whole message, by name, as it is handed over. */
export async function goldenMessages(sign?: Sign): Promise<Map<string, Buffer>> {
  const messages = new Map<string, Buffer>();
  for (const { all, write, headers } of writers)
    for (const name of Object.keys(all))
      messages.set(name, await composeMessage(toMail(name, write(name), headers), sign));
  return messages;
}

function toMail(
  name: string,
  { subject, text, html }: Pick<Mail, 'subject' | 'text' | 'html'>,
  headers: Mail['headers'],
): Mail {
  return {
    from: { name: lantern.fromName, address: lantern.fromAddress },
    to: { address: readerValues.email },
    ...{ subject, text, html, date, headers },
    messageId: `<${name}.r1@lantern.example>`,
  };
}
