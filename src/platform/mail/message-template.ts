import type { Signer } from './dkim.js';
import { escapeHtml } from '../escape-html.js';
import { onTheWire } from './address.js';
import { addressInHeader } from './header-line.js';
import { refuseUnsafeMailbox } from './mail.js';
import type { WireContent } from './message.js';
import { quotedPrintable } from './quoted-printable.js';

/** How a value is written where its slot is: an address or something without blanks in a header, or words in a part. */
export type Form = 'address' | 'token' | 'text' | 'html';

/** Makes the DKIM-Signature headers of a message. */
export type Sign = Signer['sign'];

/** A message that differs from reader to reader in its slots only. */
export type MessageTemplate = {
  /** Of the words that fill its slots. */
  readonly language: string;
  readonly head: Stretch;
  /** Buffers are the same for all readers, and shared. */
  readonly body: readonly (Buffer | Stretch)[];
  readonly places: readonly Place[];
};

/** Literal pieces, and numbers of places. */
type Stretch = readonly (string | number)[];

type Place = { form: Form; slot: string };

/** No byte of a composed message is NUL but these, which stand before and behind the name of a place. */
const MARK = '\0';

/** A slot as it stands in the bytes of a template. */
export function placeMark({ form, slot }: Place): string {
  return `${MARK}${form} ${slot}${MARK}`;
}

/** Cuts the bytes that `composeTemplate` made, once for all readers. */
export function openTemplate(bytes: Buffer, language: string): MessageTemplate {
  const end = bytes.indexOf('\r\n\r\n') + 2;
  const places: Place[] = [];
  const head = cut(bytes.toString('utf8', 0, end), places);
  const body = shared(cut(bytes.toString('latin1', end + 2), places));
  return { language, head, body, places };
}

/**
 * One reader's message: header lines ended by CRLF, no line that begins with a dot, and next to nothing copied.
 * @throws when a slot has no value, or one that must not stand in a header. Its message has nothing of the value.
 */
export function fillTemplate(
  { head, body, places }: MessageTemplate,
  values: Readonly<Record<string, string>>,
  sign?: Sign,
): WireContent {
  const filled = places.map((place) => written(place, values));
  const content = body.map((piece) =>
    Buffer.isBuffer(piece) ? piece : Buffer.from(joined(piece, filled), 'latin1'),
  );
  const headers = joined(head, filled);
  const signatures = sign?.(headers, content, { canonical: true }) ?? '';
  const chunks = [Buffer.from(`${signatures}${headers}\r\n`), ...content];
  return { chunks, length: chunks.reduce((sum, { length }) => sum + length, 0) };
}

function cut(bytes: string, places: Place[]): Stretch {
  return bytes
    .split(MARK)
    .map((piece, at) => (at % 2 === 0 ? piece : placeOf(piece, places)))
    .filter((piece) => piece !== '');
}

/** Copying less than this costs less than one more piece on its way through the socket. */
const WORTH_SHARING = 1024;

/** What is long stays by itself; short pieces are joined with the values between them. */
function shared(pieces: Stretch): (Buffer | Stretch)[] {
  const body: (Buffer | (string | number)[])[] = [];
  for (const piece of pieces) {
    const last = body.at(-1);
    if (typeof piece === 'string' && piece.length >= WORTH_SHARING) body.push(Buffer.from(piece, 'latin1'));
    else if (Array.isArray(last)) last.push(piece);
    else body.push([piece]);
  }
  return body;
}

function joined(stretch: Stretch, filled: readonly string[]): string {
  let all = '';
  for (const piece of stretch) all += typeof piece === 'string' ? piece : filled[piece];
  return all;
}

/** The same value in the same form is written once for all its places. */
function placeOf(mark: string, places: Place[]): number {
  const [form = '', slot = ''] = mark.split(' ');
  const known = places.findIndex((place) => place.form === form && place.slot === slot);
  return known < 0 ? places.push({ form: form as Form, slot }) - 1 : known;
}

function written({ form, slot }: Place, values: Readonly<Record<string, string>>): string {
  const value = Object.hasOwn(values, slot) ? values[slot] : undefined;
  if (value === undefined) throw new Error(`A message was composed with an unknown slot: ${slot}`);
  switch (form) {
    case 'address':
      return address(value);
    case 'token':
      return token(slot, value);
    case 'text':
      return quotedPrintable(value);
    case 'html':
      return quotedPrintable(escapeHtml(value));
  }
}

/** With what stands around it in the line, still less than 998 octets. */
const LONGEST_VALUE = 800;

function address(value: string): string {
  refuseUnsafeMailbox('To', { address: value });
  if (value.length > LONGEST_VALUE / 3) throw new Error('To is too long for an address.');
  return addressInHeader(onTheWire(value));
}

function token(slot: string, value: string): string {
  if (!/^[!-~]+$/.test(value) || value.length > LONGEST_VALUE)
    throw new Error(`${slot} is nothing that can stand in a header.`);
  return value;
}
