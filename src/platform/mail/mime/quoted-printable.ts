import { LRUCache } from 'lru-cache';

/**
 * Encodes text as quoted-printable UTF-8 (RFC 2045 section 6.7). Besides what the encoding requires:
 * - no line begins with a dot, so that SMTP need not double any (RFC 5321 section 4.5.2);
 * - there is no tab, no two blanks in a row, and no blank at the end of a line, so that the body is in DKIM's relaxed form
 *   (RFC 6376 section 3.4.4) already;
 * - lines have at most 75 octets, so that a soft line break fits behind the last one.
 */
export function encodeQuotedPrintable(text: string): string {
  if (PLAIN_LINE.test(text) && !text.includes('  ')) return text;
  if (PLAIN_WORD.test(text)) return splitWord(text);
  if (text.length > MAX_CACHED_CHARACTERS) return encodeLines(text);
  const cached = cachedLines.get(text);
  if (cached !== undefined) return cached;
  const encoded = encodeLines(text);
  cachedLines.set(text, encoded);
  return encoded;
}

/** Dates and other words that are not plain ASCII, and are the same in the mails of many readers. */
const cachedLines = new LRUCache<string, string>({ max: 2000 });
const MAX_CACHED_CHARACTERS = 100;

function encodeLines(text: string): string {
  return text
    .split(/\r\n|\r|\n/)
    .map(encodeLine)
    .join('\r\n');
}

/** A soft line break: the decoded text has no line end here. */
export const SOFT_BREAK = '=\r\n';

const MAX_LINE_BYTES = 75;
/** A line that is the same when it is encoded. */
const PLAIN_LINE = /^(?!\.)[ -<>-~]{0,74}[!-<>-~]$/;
/** A word that only has to be cut into lines, unless one of them would begin with a dot. */
const PLAIN_WORD = /^[!-<>-~]+$/;

function splitWord(word: string): string {
  let cut = word.slice(0, MAX_LINE_BYTES);
  for (let at = MAX_LINE_BYTES; at < word.length; at += MAX_LINE_BYTES)
    cut += SOFT_BREAK + word.slice(at, at + MAX_LINE_BYTES);
  return cut.startsWith('.') || cut.includes('\n.') ? encodeLine(word) : cut;
}

function encodeLine(line: string): string {
  let encoded = '';
  let column = 0;
  let afterBlank = false;
  const end = line.length - (line.endsWith(' ') ? 1 : 0);
  for (const character of line.slice(0, end)) {
    const token: string = afterBlank && character === ' ' ? '=20' : encodeCharacter(character);
    if (column + token.length > MAX_LINE_BYTES) {
      encoded += SOFT_BREAK;
      column = 0;
    }
    const safe = column === 0 && token === '.' ? '=2E' : token;
    encoded += safe;
    column += safe.length;
    afterBlank = token === ' ';
  }
  if (end === line.length) return encoded;
  return `${encoded}${column + 3 > MAX_LINE_BYTES ? SOFT_BREAK : ''}=20`;
}

/** Encodes one character, of up to four octets in UTF-8, so that it stays in one line. */
function encodeCharacter(character: string): string {
  return ASCII_CHARACTERS[character.charCodeAt(0)] ?? encodeOctets(character);
}

const ASCII_CHARACTERS = Array.from({ length: 128 }, (_, code) => {
  const character = String.fromCharCode(code);
  return /^[ -<>-~]$/.test(character) ? character : encodeOctets(character);
});

function encodeOctets(character: string): string {
  return Buffer.from(character).toString('hex').toUpperCase().replace(/../g, '=$&');
}
