import MailComposer from 'nodemailer/lib/mail-composer';
import { signMessage } from '../dkim/signer.js';
import { encodeWordsIfNeeded } from './format-header.js';
import { assertLineLengths, assertSafeMail, assertSafeMailbox, type Mail, type Mailbox } from './mail.js';
import type { Sign } from './message-template.js';

/**
 * Composes a MIME message: multipart/alternative, text first, both parts quoted-printable in UTF-8, CRLF line ends.
 * @throws for a value that would break or forge a header (`assertSafeMail`), and for a line that cannot be folded below 998
 * octets. The error's message names the field, not its value.
 */
export async function composeMessage(mail: Mail, sign?: Sign): Promise<Buffer> {
  assertSafeMail(mail);
  assertSafeMailbox('To', mail.to);
  const raw = await new MailComposer({
    from: toNodemailerAddress(mail.from),
    to: toNodemailerAddress(mail.to),
    ...(mail.replyTo === undefined ? {} : { replyTo: toNodemailerAddress(mail.replyTo) }),
    subject: encodeWordsIfNeeded(mail.subject),
    messageId: mail.messageId,
    date: mail.date,
    headers: mail.headers.map(({ name, value }) => ({ key: name, value })),
    text: toCrlf(mail.text),
    html: toCrlf(mail.html),
    encoding: 'quoted-printable',
    newline: 'win',
    disableFileAccess: true,
    disableUrlAccess: true,
  })
    .compile()
    .build();
  assertLineLengths(raw);
  return sign === undefined ? raw : signMessage({ sign }, raw);
}

function toNodemailerAddress({ name = '', address }: Mailbox): { name: string; address: string } {
  return { name, address };
}

function toCrlf(content: string): string {
  return content.replace(/\r\n|\r|\n/g, '\r\n');
}
