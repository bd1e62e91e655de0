import { decodeBody } from './decode-body.js';
import { readHeader, readParameters, type Header } from './header.js';

/** Only so much of a mail is read: what a report says stands before the mail that it returns. */
export const MAX_READ_OCTETS = 2 * 1024 * 1024;
const MAX_HEADER_LENGTH = 128 * 1024;
const MAX_DEPTH = 8;
const MAX_PARTS = 60;

/** A part of a message. Its body is still as it was transmitted, one character for each octet. */
export type Part = {
  header: Header;
  /** 'text/plain', in lower case, also where the header says nothing. */
  type: string;
  parameters: ReadonlyMap<string, string>;
  body: string;
  /** The parts of a multipart; empty for others, and where a limit was reached. */
  parts: readonly Part[];
};

/**
 * Reads a message (RFC 2045, RFC 2046) into its parts. Never throws: what is broken is read as far as it goes, and what is beyond
 * the limits (2 MB, 8 levels, 60 parts) is not there.
 */
export function readMessage(raw: Buffer): Part {
  // Some mailboxes end lines with CR alone.
  const lines = raw.toString('latin1', 0, MAX_READ_OCTETS).replace(/\r\n?/g, '\n');
  const text = lines.replace(/^(?:>?From .*\n)+/, '');
  return readPart(text, { level: 0, budget: { left: MAX_PARTS } });
}

/** The message inside a part of the type message/rfc822 or message/global, or the header in one of text/rfc822-headers. */
export function readInnerMessage(part: Part): Part {
  return readPart(decodeTransfer(part), { level: MAX_DEPTH - 3, budget: { left: MAX_PARTS } });
}

/** The text of a part, in Unicode. */
export function textOf(part: Part): string {
  const encoding = part.header.get('content-transfer-encoding');
  return decodeBody(part.body, encoding, part.parameters.get('charset'));
}

/** The part itself and all inside it, in the order of the message. */
export function flatten(part: Part): Part[] {
  return [part, ...part.parts.flatMap(flatten)];
}

function decodeTransfer(part: Part): string {
  return decodeBody(part.body, part.header.get('content-transfer-encoding'), 'latin1');
}

type Place = { level: number; budget: { left: number } };

function readPart(text: string, place: Place): Part {
  place.budget.left -= 1;
  const { header, body } = splitHeader(text);
  const { value, parameters } = readParameters(header.get('content-type'));
  const type = /^[\w.+-]+\/[\w.+-]+$/.test(value) ? value : 'text/plain';
  const boundary = parameters.get('boundary') ?? '';
  const isOpened = type.startsWith('multipart/') && boundary !== '' && place.level < MAX_DEPTH;
  return { header, type, parameters, body, parts: isOpened ? readParts(body, boundary, place) : [] };
}

function readParts(body: string, boundary: string, { level, budget }: Place): Part[] {
  const parts: Part[] = [];
  for (const piece of splitAtBoundary(body, `--${boundary}`)) {
    if (budget.left <= 0) break;
    parts.push(readPart(piece, { level: level + 1, budget }));
  }
  return parts;
}

/** What stands between the lines that begin with the delimiter. The last piece may lack its end. */
function* splitAtBoundary(body: string, delimiter: string): Generator<string> {
  let start: number | undefined;
  for (let at = findLine(body, delimiter, 0); at !== -1; at = findLine(body, delimiter, at + 1)) {
    if (start !== undefined) yield body.slice(start, at);
    const end = body.indexOf('\n', at);
    if (end === -1 || body.startsWith('--', at + delimiter.length)) return;
    start = end + 1;
  }
  if (start !== undefined) yield body.slice(start);
}

function findLine(text: string, beginning: string, from: number): number {
  for (let at = text.indexOf(beginning, from); at !== -1; at = text.indexOf(beginning, at + 1)) {
    if (at === 0 || text[at - 1] === '\n') return at;
  }
  return -1;
}

/** At the first empty line. A message that begins with one has no header, as some servers return it. */
function splitHeader(text: string): { header: Header; body: string } {
  const gap = /^\r?\n|\n\r?\n/.exec(text.slice(0, MAX_HEADER_LENGTH));
  const head = text.slice(0, Math.min(gap?.index ?? text.length, MAX_HEADER_LENGTH));
  const body = gap === null ? text.slice(head.length) : text.slice(gap.index + gap[0].length);
  return { header: readHeader(head.split(/\r?\n/)), body };
}
