import { randomUUID } from 'node:crypto';
import { encodeWordsIfNeeded, formatHeader } from './format-header.js';
import { assertLineLengths, assertSafeMail, type Mail, type MailHeader } from './mail.js';
import { placeholderMarker, type PlaceholderFormat } from './message-template.js';
import { encodeQuotedPrintable, SOFT_BREAK } from './quoted-printable.js';
import { splitAtPlaceholders, hasPlaceholderMark } from './placeholder.js';

/**
 * The message of a mail that goes to many: what `composeMessage` makes, with marked places for the slots in its
 * recipient, Message-ID, extra headers and both parts. To be opened with `openTemplate`, as often as needed.
 * @throws as `composeMessage`, and on a slot elsewhere
 */
export function composeTemplate(mail: Mail): Buffer {
  assertSafeMail(mail);
  assertPlaceholderPositions(mail);
  // Quoted-printable never has "=_" in it, so no line of a part can be taken for a boundary.
  const boundary = `=_${randomUUID()}`;
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

/** What differs from reader to reader stays in one line: nobody knows yet where it would have to be folded. */
function extraHeader({ name, value }: MailHeader): string {
  return hasPlaceholderMark(value)
    ? `${name}: ${markPlaceholders(value, 'token')}`
    : formatHeader(name, value);
}

function markPlaceholders(value: string, form: PlaceholderFormat): string {
  return splitAtPlaceholders(value)
    .map((piece, at) =>
      at % 2 === 0 ? checkLiteral(piece) : placeholderMarker({ format: form, name: piece }),
    )
    .join('');
}

/** Beside a value there is room for so much in a line, and nothing is encoded there. */
function checkLiteral(piece: string): string {
  if (!/^[ -~]{0,100}$/.test(piece))
    throw new Error('What stands beside a slot in a header is plain and short.');
  return piece;
}

function partsOf({ text, html }: Mail, boundary: string): string[] {
  return [
    ...partOf(text, 'text', 'text/plain', boundary),
    ...partOf(html, 'html', 'text/html', boundary),
    `--${boundary}--`,
  ];
}

function partOf(words: string, form: PlaceholderFormat, type: string, boundary: string): string[] {
  return [
    `--${boundary}`,
    `Content-Type: ${type}; charset=utf-8`,
    'Content-Transfer-Encoding: quoted-printable',
    '',
    encodeAroundPlaceholders(splitAtPlaceholders(words), form),
  ];
}

/** Each literal stretch is encoded on its own, and what fills a slot has lines of its own between soft breaks. */
function encodeAroundPlaceholders(pieces: string[], form: PlaceholderFormat): string {
  let encoded = '';
  for (const [at, piece] of pieces.entries()) {
    if (piece === '') continue;
    const written =
      at % 2 === 0 ? encodeQuotedPrintable(piece) : placeholderMarker({ format: form, name: piece });
    encoded += `${encoded === '' || isLineEnd(encoded, written) ? '' : SOFT_BREAK}${written}`;
  }
  return encoded;
}

function isLineEnd(before: string, after: string): boolean {
  return before.endsWith('\r\n') || after.startsWith('\r\n');
}

function assertPlaceholderPositions({ from, to, replyTo, subject }: Mail): void {
  const fixed = [from.name, from.address, replyTo?.name ?? '', replyTo?.address ?? '', subject];
  if (fixed.some(hasPlaceholderMark))
    throw new Error('A slot is where nothing can differ from reader to reader.');
  const [before, , after, ...more] = splitAtPlaceholders(to.address);
  if (before !== '' || after !== '' || more.length > 0 || to.name !== undefined)
    throw new Error('The recipient of a mail to many is one slot.');
}

function joinLines(all: readonly string[]): string {
  return all.map((line) => `${line}\r\n`).join('');
}
