import type { Signer } from '../dkim/signer.js';
import { escapeHtml } from '../../text/escape-html.js';
import { withAsciiDomain } from '../address.js';
import { formatHeaderAddress } from './format-header.js';
import { assertSafeMailbox } from './mail.js';
import type { WireContent } from '../message.js';
import { encodeQuotedPrintable } from './quoted-printable.js';

/** How a value is written where its slot is: an address or something without blanks in a header, or words in a part. */
export type PlaceholderFormat = 'address' | 'token' | 'text' | 'html';

/** Makes the DKIM-Signature headers of a message. */
export type Sign = Signer['sign'];

/** A message that differs from reader to reader in its slots only. */
export type MessageTemplate = {
  /** Of the words that fill its slots. */
  readonly language: string;
  readonly head: Segments;
  /** Buffers are the same for all readers, and shared. */
  readonly body: readonly (Buffer | Segments)[];
  readonly placeholders: readonly FormattedPlaceholder[];
};

/** Literal pieces, and numbers of places. */
type Segments = readonly (string | number)[];

type FormattedPlaceholder = { format: PlaceholderFormat; name: string };

/** No byte of a composed message is NUL but these, which stand before and behind the name of a place. */
const MARKER = '\0';

/** A slot as it stands in the bytes of a template. */
export function placeholderMarker({ format, name }: FormattedPlaceholder): string {
  return `${MARKER}${format} ${name}${MARKER}`;
}

/** Cuts the bytes that `composeTemplate` made, once for all readers. */
export function parseTemplate(bytes: Buffer, language: string): MessageTemplate {
  const end = bytes.indexOf('\r\n\r\n') + 2;
  const places: FormattedPlaceholder[] = [];
  const head = splitAtMarkers(bytes.toString('utf8', 0, end), places);
  const body = mergeShortSegments(splitAtMarkers(bytes.toString('latin1', end + 2), places));
  return { language, head, body, placeholders: places };
}

/**
 * One reader's message: header lines ended by CRLF, no line that begins with a dot, and next to nothing copied.
 * @throws when a slot has no value, or one that must not stand in a header. Its message has nothing of the value.
 */
export function fillTemplate(
  { head, body, placeholders }: MessageTemplate,
  values: Readonly<Record<string, string>>,
  sign?: Sign,
): WireContent {
  const filled = placeholders.map((place) => formatValue(place, values));
  const content = body.map((piece) =>
    Buffer.isBuffer(piece) ? piece : Buffer.from(joinSegments(piece, filled), 'latin1'),
  );
  const headers = joinSegments(head, filled);
  const signatures = sign?.(headers, content, { canonical: true }) ?? '';
  const chunks = [Buffer.from(`${signatures}${headers}\r\n`), ...content];
  return { chunks, length: chunks.reduce((sum, { length }) => sum + length, 0) };
}

function splitAtMarkers(bytes: string, places: FormattedPlaceholder[]): Segments {
  return bytes
    .split(MARKER)
    .map((piece, at) => (at % 2 === 0 ? piece : placeholderIndex(piece, places)))
    .filter((piece) => piece !== '');
}

/** Copying less than this costs less than one more piece on its way through the socket. */
const MIN_SHARED_BYTES = 1024;

/** What is long stays by itself; short pieces are joined with the values between them. */
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

function joinSegments(stretch: Segments, filled: readonly string[]): string {
  let all = '';
  for (const piece of stretch) all += typeof piece === 'string' ? piece : filled[piece];
  return all;
}

/** The same value in the same form is written once for all its places. */
function placeholderIndex(mark: string, places: FormattedPlaceholder[]): number {
  const [form = '', slot = ''] = mark.split(' ');
  const known = places.findIndex((place) => place.format === form && place.name === slot);
  return known < 0 ? places.push({ format: form as PlaceholderFormat, name: slot }) - 1 : known;
}

function formatValue(
  { format, name }: FormattedPlaceholder,
  values: Readonly<Record<string, string>>,
): string {
  const value = Object.hasOwn(values, name) ? values[name] : undefined;
  if (value === undefined) throw new Error(`A message was composed with an unknown slot: ${name}`);
  switch (format) {
    case 'address':
      return formatAddressValue(value);
    case 'token':
      return formatTokenValue(name, value);
    case 'text':
      return encodeQuotedPrintable(value);
    case 'html':
      return encodeQuotedPrintable(escapeHtml(value));
  }
}

/** With what stands around it in the line, still less than 998 octets. */
const MAX_VALUE_CHARACTERS = 800;

function formatAddressValue(value: string): string {
  assertSafeMailbox('To', { address: value });
  if (value.length > MAX_VALUE_CHARACTERS / 3) throw new Error('To is too long for an address.');
  return formatHeaderAddress(withAsciiDomain(value));
}

function formatTokenValue(slot: string, value: string): string {
  if (!/^[!-~]+$/.test(value) || value.length > MAX_VALUE_CHARACTERS)
    throw new Error(`${slot} is nothing that can stand in a header.`);
  return value;
}
