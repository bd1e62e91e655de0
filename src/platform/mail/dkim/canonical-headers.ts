/** The headers that a signature covers: their names for `h=`, and their text in "relaxed" form. */
export type SignedHeaders = {
  /** Separated by colons, in the order of `text`; at the end the oversigned headers once more. */
  names: string;
  /** Each header ended by CRLF. */
  text: string;
};

/** Signed if present: what a reader sees, or her mail program acts on (RFC 6376 section 5.4.1, RFC 8058 section 4). */
const SIGNED_HEADERS = [
  'From',
  'To',
  'Subject',
  'Date',
  'Message-ID',
  'MIME-Version',
  'Content-Type',
  'Reply-To',
  'List-Id',
  'List-Unsubscribe',
  'List-Unsubscribe-Post',
  'List-Archive',
  'Feedback-ID',
  'Auto-Submitted',
];

/** A message may have more than one of these, or none of them matters to what a reader sees. */
const NOT_OVERSIGNED = new Set(['List-Id', 'List-Archive', 'Feedback-ID', 'Auto-Submitted']);

/**
 * The others, which a message has once at most (RFC 5322 section 3.6, RFC 2045 section 3, RFC 2369 section 2), are named once more
 * than they occur: with another one, put above or below, the signature does not verify (RFC 6376 sections 5.4.2 and 8.15).
 */
const OVERSIGNED_HEADERS = SIGNED_HEADERS.filter((name) => !NOT_OVERSIGNED.has(name)).join(':');

const signingPositions = new Map(SIGNED_HEADERS.map((name, place) => [name.toLowerCase(), place]));

/** @param headers a header block, lines ended by CRLF, with or without the empty line behind it */
export function selectSignedHeaders(headers: string): SignedHeaders {
  const texts: string[] = [];
  const names: string[] = [];
  for (const header of splitHeaders(headers)) {
    const place = signingPositions.get(nameOf(header));
    if (place === undefined) continue;
    // Of a header that occurs several times, verifiers take the last one first (RFC 6376 section 5.4.2).
    texts[place] = `${relaxHeader(header)}\r\n${texts[place] ?? ''}`;
    names[place] = `${SIGNED_HEADERS[place]}:${names[place] ?? ''}`;
  }
  // Headers that are not there have left holes, for which join() adds nothing.
  return { names: `${names.join('')}${OVERSIGNED_HEADERS}`, text: texts.join('') };
}

/** One header, folded or not, in relaxed form (RFC 6376 section 3.4.2), without its line end. */
export function relaxHeader(header: string): string {
  const value = collapseBlanks(unfold(header.slice(header.indexOf(':') + 1)));
  // Not trim(), which removes more than blanks.
  const start = value.startsWith(' ') ? 1 : 0;
  const end = value.length > start && value.endsWith(' ') ? -1 : undefined;
  return `${nameOf(header)}:${value.slice(start, end)}`;
}

/** Each header with the lines it is folded into. */
function splitHeaders(headers: string): string[] {
  const folded = headers.includes('\r\n ') || headers.includes('\r\n\t');
  return folded ? headers.split(/\r\n(?![ \t])/) : headers.split('\r\n');
}

function nameOf(header: string): string {
  return header
    .slice(0, Math.max(0, header.indexOf(':')))
    .trimEnd()
    .toLowerCase();
}

// This runs for each mail of a digest. Most headers need no replacing, which a look shows in less time.

function unfold(value: string): string {
  return value.includes('\r\n') ? value.replace(/\r\n(?=[ \t])/g, '') : value;
}

function collapseBlanks(value: string): string {
  return value.includes('  ') || value.includes('\t') ? value.replace(/[ \t]+/g, ' ') : value;
}
