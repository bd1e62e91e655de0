import { randomBytes } from 'node:crypto';
import { encodeWordsIfNeeded, formatHeader } from './format-header.js';
import { assertLineLengths, assertSafeMail, type Mail, type MailHeader } from './mail.js';
import { placeholderMarker, type PlaceholderFormat } from './message-template.js';
import { encodeQuotedPrintable, SOFT_BREAK } from './quoted-printable.js';
import { splitAtPlaceholders, hasPlaceholderMark } from './placeholder.js';

/**
 * Composes the message of a mail to many readers, as `composeMessage` does, with markers for the placeholders in its recipient,
 * Message-ID, extra headers and both parts. To be parsed by `parseTemplate`.
 * @throws as `composeMessage`, and for a placeholder anywhere else
 */
export function composeTemplate(mail: Mail): Buffer {
  assertSafeMail(mail);
  assertPlaceholderPositions(mail);
  // Quoted-printable never has "=_" in it, so no line of a part can be taken for a boundary.
  const boundary = `=_${randomBytes(6).toString('base64url')}`;
  const raw = Buffer.from(joinLines([...headersOf(mail, boundary), '', ...partsOf(mail, boundary)]));
  assertLineLengths(raw);
  return raw;
}

function headersOf(mail: Mail, boundary: string): string[] {
  return [
    formatHeader('From', mail.from),
    `To: ${markPlaceholders(mail.to.address, 'address')}`,
    ...(mail.replyTo === undefined ? [] : [formatHeader('Reply-To', mail.replyTo)]),
    formatHeader('Subject', encodeWordsIfNeeded(mail.subject)),
    formatHeader('Date', mail.date),
    `Message-ID: ${markPlaceholders(mail.messageId, 'token')}`,
    ...mail.headers.map(extraHeader),
    'MIME-Version: 1.0',
    formatHeader('Content-Type', `multipart/alternative; boundary="${boundary}"`),
  ];
}

/** A header with a placeholder is not folded, since the length of the value is not known. */
function extraHeader({ name, value }: MailHeader): string {
  return hasPlaceholderMark(value)
    ? `${name}: ${markPlaceholders(value, 'token')}`
    : formatHeader(name, value);
}

function markPlaceholders(value: string, format: PlaceholderFormat): string {
  return splitAtPlaceholders(value)
    .map((piece, at) => (at % 2 === 0 ? checkLiteral(piece) : placeholderMarker({ format, name: piece })))
    .join('');
}

/** Text beside a placeholder in a header is neither encoded nor folded, so it has to be printable ASCII and short. */
function checkLiteral(piece: string): string {
  if (!/^[ -~]{0,100}$/.test(piece))
    throw new Error('Text beside a placeholder in a header is plain and short.');
  return piece;
}

function partsOf({ text, html }: Mail, boundary: string): string[] {
  return [
    ...partOf(text, 'text', 'text/plain', boundary),
    ...partOf(html, 'html', 'text/html', boundary),
    `--${boundary}--`,
  ];
}

function partOf(text: string, format: PlaceholderFormat, type: string, boundary: string): string[] {
  return [
    `--${boundary}`,
    `Content-Type: ${type}; charset=utf-8`,
    'Content-Transfer-Encoding: quoted-printable',
    '',
    encodeAroundPlaceholders(splitAtPlaceholders(text), format),
  ];
}

/** Encodes each piece of literal text by itself. A value gets lines of its own, between soft line breaks. */
function encodeAroundPlaceholders(pieces: string[], format: PlaceholderFormat): string {
  let encoded = '';
  for (const [at, piece] of pieces.entries()) {
    if (piece === '') continue;
    const next = at % 2 === 0 ? encodeQuotedPrintable(piece) : placeholderMarker({ format, name: piece });
    encoded += `${encoded === '' || isLineEnd(encoded, next) ? '' : SOFT_BREAK}${next}`;
  }
  return encoded;
}

function isLineEnd(before: string, after: string): boolean {
  return before.endsWith('\r\n') || after.startsWith('\r\n');
}

function assertPlaceholderPositions({ from, to, replyTo, subject }: Mail): void {
  const fixed = [from.name, from.address, replyTo?.name ?? '', replyTo?.address ?? '', subject];
  if (fixed.some(hasPlaceholderMark))
    throw new Error('A placeholder is in a header that is the same for every reader.');
  const [before, , after, ...more] = splitAtPlaceholders(to.address);
  if (before !== '' || after !== '' || more.length > 0 || to.name !== undefined)
    throw new Error('The recipient of a mail to many is one placeholder.');
}

function joinLines(all: readonly string[]): string {
  return all.map((line) => `${line}\r\n`).join('');
}
