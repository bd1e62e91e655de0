import MailComposer from 'nodemailer/lib/mail-composer';
import { signedMessage } from './dkim.js';
import { encodedIfNeeded } from './header-line.js';
import { refuseLongLines, refuseUnsafe, refuseUnsafeMailbox, type Mail, type Mailbox } from './mail.js';
import type { Sign } from './message-template.js';

/**
 * One MIME message: multipart/alternative, text first, both parts quoted-printable in UTF-8, CRLF line ends, no Bcc.
 * @throws on what would break or forge a header (control characters, a header of ours named twice) and on a line that
 * cannot be folded below 998 octets. The message names the field, never its value.
 */
export async function composeMessage(mail: Mail, sign?: Sign): Promise<Buffer> {
  refuseUnsafe(mail);
  refuseUnsafeMailbox('To', mail.to);
  const raw = await new MailComposer({
    from: named(mail.from),
    to: named(mail.to),
    ...(mail.replyTo === undefined ? {} : { replyTo: named(mail.replyTo) }),
    subject: encodedIfNeeded(mail.subject),
    messageId: mail.messageId,
    date: mail.date,
    headers: mail.headers.map(({ name, value }) => ({ key: name, value })),
    text: withCrlf(mail.text),
    html: withCrlf(mail.html),
    encoding: 'quoted-printable',
    newline: 'win',
    disableFileAccess: true,
    disableUrlAccess: true,
  })
    .compile()
    .build();
  refuseLongLines(raw);
  return sign === undefined ? raw : signedMessage({ sign }, raw);
}

function named({ name = '', address }: Mailbox): { name: string; address: string } {
  return { name, address };
}

function withCrlf(content: string): string {
  return content.replace(/\r\n|\r|\n/g, '\r\n');
}
