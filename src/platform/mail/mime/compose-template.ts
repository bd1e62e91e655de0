import { randomBytes } from 'node:crypto';
import { compactHtml } from './compact-html.js';
import { encodeWordsIfNeeded, formatHeader } from './format-header.js';
import { assertLineLengths, assertSafeMail, type Mail, type MailHeader } from './mail.js';
import { placeholderMarker, type PlaceholderFormat } from './message-template.js';
import { encodeQuotedPrintable, SOFT_BREAK } from './quoted-printable.js';
import { fillPlaceholders, hasPlaceholderMark, splitAtPlaceholders } from './placeholder.js';
import { writeSevenBitHtml } from './seven-bit-html.js';

/**
 * Composes the message of a mail to many readers, as `composeMessage` does, with markers for the placeholders in its recipient,
 * Message-ID, extra headers and both parts; its HTML is written in the shortest way. To be parsed by `parseTemplate`.
 * @throws as `composeMessage`, and for a placeholder anywhere else
 */
export function composeTemplate(mail: Mail): Buffer {
  assertSafeMail(mail);
  assertPlaceholderPositions(mail);
  // Neither encoding has a line that begins with "--=_", so none can be taken for a boundary.
  const boundary = `=_${randomBytes(6).toString('base64url')}`;
  const raw = Buffer.from(joinLines([...headersOf(mail, boundary), '', ...partsOf(mail, boundary)]));
  assertLineLengths(raw);
  return raw;
}

function headersOf(mail: Mail, boundary: string): string[] {
  return [
    formatHeader('From', mail.from),
    `To: ${markInHeader(mail.to.address, 'address')}`,
    ...(mail.replyTo === undefined ? [] : [formatHeader('Reply-To', mail.replyTo)]),
    formatHeader('Subject', encodeWordsIfNeeded(mail.subject)),
    formatHeader('Date', mail.date),
    `Message-ID: ${markInHeader(mail.messageId, 'token')}`,
    ...mail.headers.map(extraHeader),
    'MIME-Version: 1.0',
    formatHeader('Content-Type', `multipart/alternative; boundary="${boundary}"`),
  ];
}

/** A header with a placeholder is not folded, since the length of the value is not known. */
function extraHeader({ name, value }: MailHeader): string {
  return hasPlaceholderMark(value) ? `${name}: ${markInHeader(value, 'token')}` : formatHeader(name, value);
}

function markInHeader(value: string, format: PlaceholderFormat): string {
  splitAtPlaceholders(value).forEach((piece, at) => at % 2 === 0 && checkLiteral(piece));
  return markPlaceholders(value, format);
}

function markPlaceholders(text: string, format: PlaceholderFormat): string {
  return fillPlaceholders(text, (name) => placeholderMarker({ format, name }));
}

/** Text beside a placeholder in a header is neither encoded nor folded, so it has to be printable ASCII and short. */
function checkLiteral(piece: string): void {
  if (!/^[ -~]{0,100}$/.test(piece))
    throw new Error('Text beside a placeholder in a header is plain and short.');
}

function partsOf({ text, html }: Mail, boundary: string): string[] {
  return [
    ...partOf('text/plain', encodeText(text, 'text'), boundary),
    ...partOf('text/html', encodeHtml(compactHtml(html)), boundary),
    `--${boundary}--`,
  ];
}

type EncodedPart = { encoding: 'quoted-printable' | '7bit'; content: string };

function partOf(type: string, { encoding, content }: EncodedPart, boundary: string): string[] {
  return [
    `--${boundary}`,
    `Content-Type: ${type}; charset=utf-8`,
    // 7bit is what it is without this header (RFC 2045 section 6.1).
    ...(encoding === '7bit' ? [] : [`Content-Transfer-Encoding: ${encoding}`]),
    '',
    content,
  ];
}

/** In whichever encoding is shorter. */
function encodeHtml(html: string): EncodedPart {
  const encoded = encodeText(html, 'html');
  const plain = writeSevenBitHtml(html);
  if (plain === undefined || plain.length > encoded.content.length) return encoded;
  return { encoding: '7bit', content: markPlaceholders(plain, 'seven-bit-html') };
}

function encodeText(text: string, format: PlaceholderFormat): EncodedPart {
  const content = encodeAroundPlaceholders(splitAtPlaceholders(text), format);
  return { encoding: 'quoted-printable', content };
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
