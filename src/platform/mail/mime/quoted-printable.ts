/**
 * Words as quoted-printable UTF-8 (RFC 2045 section 6.7). Beyond what the encoding asks for:
 * - no line begins with a dot, so nothing is doubled on the wire;
 * - there is no tab, no second blank in a row and none at the end of a line: this is how DKIM's relaxed form sees a body
 *   (RFC 6376 section 3.4.4), so what is signed is what is sent;
 * - lines have at most 75 octets, so that a soft break still fits behind the last one.
 */
export function encodeQuotedPrintable(words: string): string {
  if (PLAIN_LINE.test(words) && !words.includes('  ')) return words;
  if (PLAIN_WORD.test(words)) return splitWord(words);
  return words
    .split(/\r\n|\r|\n/)
    .map(encodeLine)
    .join('\r\n');
}

/** Joins lines that are one line to the reader. */
export const SOFT_BREAK = '=\r\n';

const MAX_LINE_BYTES = 75;
/** Stands for itself. */
const PLAIN_LINE = /^(?!\.)[ -<>-~]{0,74}[!-<>-~]$/;
/** Needs only to be cut, unless a piece would begin with a dot. */
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
    const written = column === 0 && token === '.' ? '=2E' : token;
    encoded += written;
    column += written.length;
    afterBlank = token === ' ';
  }
  if (end === line.length) return encoded;
  return `${encoded}${column + 3 > MAX_LINE_BYTES ? SOFT_BREAK : ''}=20`;
}

/** One character stays in one line, also where UTF-8 needs several octets for it. */
function encodeCharacter(character: string): string {
  if (/^[ -<>-~]$/.test(character)) return character;
  return Buffer.from(character).toString('hex').toUpperCase().replace(/../g, '=$&');
}
