import type { Signer } from '../dkim/signer.js';
import { escapeHtml } from '../../text/escape-html.js';
import { withAsciiDomain } from '../address.js';
import { formatHeaderAddress } from './format-header.js';
import { assertSafeMailbox } from './mail.js';
import type { WireContent } from '../message.js';
import { encodeQuotedPrintable } from './quoted-printable.js';
import { writeSevenBitValue } from './seven-bit-html.js';

/** How a value is written in place of its placeholder: an address or a word without blanks in a header, or text in a part. */
export type PlaceholderFormat = 'address' | 'token' | 'text' | 'html' | 'seven-bit-html';

/** Makes the DKIM-Signature headers of a message. */
export type Sign = Signer['sign'];

/** A message that is the same for all readers except for the values of its placeholders. */
export type MessageTemplate = {
  /** The language of the values. */
  readonly language: string;
  readonly head: Segments;
  /** Buffers are the same for all readers, and are not copied. */
  readonly body: readonly (Buffer | Segments)[];
  readonly placeholders: readonly FormattedPlaceholder[];
};

/** Literal text, and indexes of `placeholders`. */
type Segments = readonly (string | number)[];

type FormattedPlaceholder = { format: PlaceholderFormat; name: string };

/** Stands before and behind a placeholder in a template. A composed message has no other NUL. */
const MARKER = '\0';

/** A placeholder as it is written in a template. */
export function placeholderMarker({ format, name }: FormattedPlaceholder): string {
  return `${MARKER}${format} ${name}${MARKER}`;
}

/** Parses a template that `composeTemplate` made, once for all readers. */
export function parseTemplate(bytes: Buffer, language: string): MessageTemplate {
  const end = bytes.indexOf('\r\n\r\n') + 2;
  const placeholders: FormattedPlaceholder[] = [];
  const head = splitAtMarkers(bytes.toString('utf8', 0, end), placeholders);
  const body = mergeShortSegments(splitAtMarkers(bytes.toString('latin1', end + 2), placeholders));
  return { language, head, body, placeholders };
}

/**
 * Makes one reader's message: header lines end in CRLF, and no line begins with a dot. Long pieces are shared, not copied.
 * @throws when a placeholder has no value, or one that a header must not have. The error's message does not have the value.
 */
export function fillTemplate(
  { head, body, placeholders }: MessageTemplate,
  values: Readonly<Record<string, string>>,
  sign?: Sign,
): WireContent {
  const filled = placeholders.map((one) => formatValue(one, values));
  const content = body.map((piece) =>
    Buffer.isBuffer(piece) ? piece : Buffer.from(joinSegments(piece, filled), 'latin1'),
  );
  const headers = joinSegments(head, filled);
  const signatures = sign?.(headers, content, { canonical: true }) ?? '';
  const chunks = [Buffer.from(`${signatures}${headers}\r\n`), ...content];
  return { chunks, length: chunks.reduce((sum, { length }) => sum + length, 0) };
}

function splitAtMarkers(bytes: string, placeholders: FormattedPlaceholder[]): Segments {
  return bytes
    .split(MARKER)
    .map((piece, at) => (at % 2 === 0 ? piece : placeholderIndex(piece, placeholders)))
    .filter((piece) => piece !== '');
}

/** Copying fewer bytes takes less time than writing one more piece to the socket. */
const MIN_SHARED_BYTES = 1024;

/** Puts short pieces and the values between them together; long pieces stay alone, to be shared by all messages. */
function mergeShortSegments(pieces: Segments): (Buffer | Segments)[] {
  const body: (Buffer | (string | number)[])[] = [];
  for (const piece of pieces) {
    const last = body.at(-1);
    if (typeof piece === 'string' && piece.length >= MIN_SHARED_BYTES)
      body.push(Buffer.from(piece, 'latin1'));
    else if (Array.isArray(last)) last.push(piece);
    else body.push([piece]);
  }
  return body;
}

function joinSegments(segments: Segments, values: readonly string[]): string {
  let text = '';
  for (const piece of segments) text += typeof piece === 'string' ? piece : values[piece];
  return text;
}

/** The index of a placeholder, which is added unless it is there: a value is formatted once for all its places. */
function placeholderIndex(marker: string, placeholders: FormattedPlaceholder[]): number {
  const [format = '', name = ''] = marker.split(' ');
  const known = placeholders.findIndex((one) => one.format === format && one.name === name);
  return known < 0 ? placeholders.push({ format: format as PlaceholderFormat, name }) - 1 : known;
}

function formatValue(
  { format, name }: FormattedPlaceholder,
  values: Readonly<Record<string, string>>,
): string {
  const value = Object.hasOwn(values, name) ? values[name] : undefined;
  if (value === undefined) throw new Error(`A message was composed with an unknown placeholder: ${name}`);
  switch (format) {
    case 'address':
      return formatAddressValue(value);
    case 'token':
      return formatTokenValue(name, value);
    case 'text':
      return encodeQuotedPrintable(value);
    case 'html':
      return encodeQuotedPrintable(escapeHtml(value));
    case 'seven-bit-html':
      return writeSevenBitValue(value);
  }
}

/**
 * So that a header line stays below 998 octets (RFC 5322 section 2.1.1), with up to 100 characters of text before and
 * behind.
 */
const MAX_VALUE_CHARACTERS = 800;

function formatAddressValue(value: string): string {
  assertSafeMailbox('To', { address: value });
  if (value.length > MAX_VALUE_CHARACTERS / 3) throw new Error('To is too long for an address.');
  return formatHeaderAddress(withAsciiDomain(value));
}

function formatTokenValue(name: string, value: string): string {
  if (!/^[!-~]+$/.test(value) || value.length > MAX_VALUE_CHARACTERS)
    throw new Error(`${name} has a value that a header cannot have.`);
  return value;
}
