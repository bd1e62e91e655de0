import { isMailable } from '../address.js';

export type MailHeader = { name: string; value: string };

export type Mailbox = { name?: string; address: string };

/** A mail to one reader. `messageId` has its angle brackets; `headers` are additional ones. */
export type Mail = {
  from: { name: string; address: string };
  to: Mailbox;
  replyTo?: Mailbox;
  subject: string;
  text: string;
  html: string;
  messageId: string;
  date: Date;
  headers: MailHeader[];
  /** A whole mail that is attached as it came. */
  attached?: Buffer;
};

/**
 * @throws for what would break or forge a header (header injection; RFC 5322 section 2.2): control characters, and an
 * additional header that we compose ourselves. The error's message names the field, not its value.
 */
export function assertSafeMail(mail: Omit<Mail, 'to'>): void {
  assertSafeMailbox('From', mail.from);
  if (mail.replyTo !== undefined) assertSafeMailbox('Reply-To', mail.replyTo);
  assertNoControlCharacters('Subject', mail.subject);
  assertNoControlCharacters('Message-ID', mail.messageId);
  for (const header of mail.headers) assertSafeHeader(header);
  if (mail.text === '' || mail.html === '') throw new Error('A mail needs both a text and an HTML part.');
  if (Number.isNaN(mail.date.getTime())) throw new Error('Date is not a date.');
}

export function assertSafeMailbox(field: string, { name = '', address }: Mailbox): void {
  assertNoControlCharacters(field, name);
  if (!isMailable(address)) throw new Error(`${field} is not an address that mail can be written to.`);
}

/** Octets of a line without its CRLF (RFC 5322 section 2.1.1). */
const MAX_LINE_BYTES = 998;

/** @throws for a longer line, in which a header has a word that could not be folded */
export function assertLineLengths(raw: Buffer): void {
  for (let start = 0; start < raw.length;) {
    const end = raw.indexOf('\r\n', start);
    const stop = end < 0 ? raw.length : end;
    if (stop - start > MAX_LINE_BYTES)
      throw new Error(`A header has a word of more than ${MAX_LINE_BYTES} octets.`);
    start = stop + 2;
  }
}

/** Composed from the mail itself; a second one would contradict it, or show a recipient to another. */
const COMPOSED_HEADERS =
  /^(?:from|sender|to|cc|bcc|reply-to|subject|date|message-id|mime-version|content-.*)$/i;

function assertSafeHeader({ name, value }: MailHeader): void {
  if (!/^[a-z][a-z0-9-]{0,69}$/i.test(name))
    throw new Error('A header name has characters that no header name may have.');
  if (COMPOSED_HEADERS.test(name))
    throw new Error(`${name} is composed from the mail and cannot be given as an extra header.`);
  assertNoControlCharacters(name, value);
}

function assertNoControlCharacters(field: string, value: string): void {
  if (/\p{Cc}|[\u2028\u2029]|\p{Cs}/u.test(value)) throw new Error(`${field} has a control character in it.`);
}
