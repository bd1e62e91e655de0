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
    ...(mail.attached === undefined ? {} : { attachments: [attachMail(mail.attached)] }),
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

/**
 * As message/rfc822, which may be encoded in no way (RFC 2046, section 5.2.1); a mail that would not pass every server so is a file
 * of octets.
 */
function attachMail(raw: Buffer) {
  const content = Buffer.from(toCrlf(raw.toString('latin1')), 'latin1');
  const isPlain = !/[^\t\r\n -~]|[^\r\n]{999}/.test(content.toString('latin1'));
  return {
    filename: 'mail.eml',
    content: isPlain ? content : raw,
    contentType: isPlain ? 'message/rfc822' : 'application/octet-stream',
    contentTransferEncoding: isPlain ? ('7bit' as const) : ('base64' as const),
  };
}

function toCrlf(content: string): string {
  return content.replace(/\r\n|\r|\n/g, '\r\n');
}
