import MailComposer from 'nodemailer/lib/mail-composer';
import { isMailable } from './address.js';

export type MailHeader = { name: string; value: string };

/** A mail to one reader. `messageId` with or without its angle brackets; `headers` are those beyond the usual ones. */
export type Mail = {
  from: { name: string; address: string };
  to: { name?: string; address: string };
  replyTo?: { name?: string; address: string };
  subject: string;
  text: string;
  html: string;
  messageId: string;
  date: Date;
  headers: MailHeader[];
};

/** Octets of a line without its CRLF (RFC 5322 section 2.1.1). */
const LONGEST_LINE = 998;

/**
 * One MIME message: multipart/alternative, text first, both parts quoted-printable in UTF-8, CRLF line ends, no Bcc.
 * @throws on what would break or forge a header (control characters, a header of ours named twice) and on a line that
 * cannot be folded below 998 octets. The message names the field, never its value.
 */
export async function composeMessage(mail: Mail): Promise<Buffer> {
  refuseUnsafe(mail);
  const raw = await new MailComposer({
    from: named(mail.from),
    to: named(mail.to),
    ...(mail.replyTo === undefined ? {} : { replyTo: named(mail.replyTo) }),
    subject: mail.subject,
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
  return raw;
}

function named({ name = '', address }: { name?: string; address: string }): {
  name: string;
  address: string;
} {
  return { name, address };
}

function withCrlf(content: string): string {
  return content.replace(/\r\n|\r|\n/g, '\r\n');
}

function refuseUnsafe(mail: Mail): void {
  refuseUnsafeAddress('From', mail.from);
  refuseUnsafeAddress('To', mail.to);
  if (mail.replyTo !== undefined) refuseUnsafeAddress('Reply-To', mail.replyTo);
  refuseControls('Subject', mail.subject);
  refuseControls('Message-ID', mail.messageId);
  for (const header of mail.headers) refuseUnsafeHeader(header);
  if (mail.text === '' || mail.html === '') throw new Error('A mail needs both a text and an HTML part.');
  if (Number.isNaN(mail.date.getTime())) throw new Error('Date is not a date.');
}

function refuseUnsafeAddress(
  field: string,
  { name = '', address }: { name?: string; address: string },
): void {
  refuseControls(field, name);
  if (!isMailable(address)) throw new Error(`${field} is not an address that mail can be written to.`);
}

/** Composed from the mail itself; a second one would contradict it, or show a recipient to another. */
const OURS = /^(?:from|sender|to|cc|bcc|reply-to|subject|date|message-id|mime-version|content-.*)$/i;

function refuseUnsafeHeader({ name, value }: MailHeader): void {
  if (!/^[!-9;-~]{1,70}$/.test(name))
    throw new Error('A header name has characters that no header name may have.');
  if (OURS.test(name))
    throw new Error(`${name} is composed from the mail and cannot be given as an extra header.`);
  refuseControls(name, value);
}

function refuseControls(field: string, value: string): void {
  if (/\p{Cc}|[\u2028\u2029]/u.test(value)) throw new Error(`${field} has a control character in it.`);
}

function refuseLongLines(raw: Buffer): void {
  for (let start = 0; start < raw.length;) {
    const end = raw.indexOf('\r\n', start);
    const stop = end < 0 ? raw.length : end;
    if (stop - start > LONGEST_LINE)
      throw new Error(`A header has a word of more than ${LONGEST_LINE} octets.`);
    start = stop + 2;
  }
}
