import { LRUCache } from 'lru-cache';
import { escapeHtml } from '../../text/escape-html.js';
import { readHtmlTokens, type HtmlToken } from './html-tokens.js';

/** Octets of a line (RFC 5322 section 2.1.1 allows 998), and how many of them are kept for the value of a placeholder. */
const MAX_LINE_BYTES = 990;
const MAX_VALUE_BYTES = 800;

/** Gmail cuts off what is behind about 102 KB of HTML, and references are longer than the letters they stand for. */
const MAX_BYTES = 90_000;

/** What stands for a blank at which no line may be broken, and for an octet of a value. */
const KEPT_BLANK = '\x01';
const RESERVED = '\x02';

/**
 * Writes HTML so that it needs no transfer encoding (RFC 2045 section 2.7): letters beyond ASCII are references, and lines are
 * broken at blanks. As in quoted-printable, no line begins with a dot, and the text is in DKIM's relaxed form already.
 * @returns undefined where that takes more than letters and blanks
 */
export function writeSevenBitHtml(html: string): string | undefined {
  // A reference to a control code means another character (HTML Standard, section 13.2.5.80).
  if (/[^\P{Cc}\t\n\f\r]/u.test(html)) return undefined;
  const written = (readHtmlTokens(html) ?? [undefined]).map((token) => token && writeToken(token));
  const lines = reserveValues(written.join('')).split('\n').map(breakLine);
  const body = lines.join('\r\n').replaceAll(KEPT_BLANK, ' ').replaceAll(RESERVED, '');
  const isWhole = ![...written, ...lines].includes(undefined);
  return isWhole && body.length <= MAX_BYTES && !UNFIT.test(body) ? body : undefined;
}

/**
 * What stands in the way: blanks that DKIM's relaxed form has not, a line that begins with what it must not or with a value,
 * what looks like a boundary, and so many blanks in code that SpamAssassin takes them for words in disguise (HTML_ENTITY_ASCII).
 */
const UNFIT = /[\t\f]| {2}| \r\n|^(?:\.|From |\uE000)|--=_|(?:&#\d\d;\s*){10}/m;

/** The white space of HTML (HTML Standard, section 12.1): no-break spaces are letters. */
const BLANKS = /[\t\n\f\r ]+/g;
const QUOTED_OR_BLANKS = /"[^"]*"|'[^']*'|[\t\n\f\r ]+/g;

function isQuoted(part: string): boolean {
  return part.startsWith('"') || part.startsWith("'");
}

/** Undefined where references are not understood. */
function writeToken(token: HtmlToken): string | undefined {
  if (token.kind === 'tag') return writeReferences(writeTag(token.source));
  if (token.kind === 'comment') return asAscii(token.source.replace(BLANKS, KEPT_BLANK));
  if (token.inside === 'style') return asAscii(writeStyleSheet(token.source));
  return writeReferences(token.inside === undefined ? writeText(token.source) : writeCode(token.source));
}

function asAscii(text: string): string | undefined {
  return /^[\0-~]*$/.test(text) ? text : undefined;
}

function writeReferences(text: string): string {
  return text.replace(/\uE000\w+\uE001|[^\0-~]/gu, (found) =>
    found.startsWith('\uE000') ? found : reference(found),
  );
}

function writeText(text: string): string {
  return keepBesideValues(text.replace(BLANKS, ' ')).replace(/ (?=\.|From )/g, KEPT_BLANK);
}

function writeTag(tag: string): string {
  return tag.replace(QUOTED_OR_BLANKS, (part) => (isQuoted(part) ? writeQuoted(part) : ' '));
}

/** Blanks in an attribute's value are part of it. */
function writeQuoted(value: string): string {
  const oneLine = value.replace(/[\t\n\f\r]/g, reference).replace(/ {2}/g, ` ${reference(' ')}`);
  return keepBesideValues(oneLine).replaceAll(' ', KEPT_BLANK);
}

/** A value may be empty: no line is broken beside it, and a blank behind it is not one behind another. */
function keepBesideValues(text: string): string {
  return text.replace(/ (?=\uE000)/g, KEPT_BLANK).replace(/(?<=\uE001) /g, reference);
}

/** Between strings, blanks are one; no line begins with a class. */
function writeStyleSheet(css: string): string {
  if (css.includes('/*')) return css.replaceAll(' ', KEPT_BLANK);
  return css
    .replace(QUOTED_OR_BLANKS, (part) => (isQuoted(part) ? part.replaceAll(' ', KEPT_BLANK) : ' '))
    .replace(/ (?=\.)/g, KEPT_BLANK);
}

function writeCode(text: string): string {
  return keepBesideValues(text.replace(/\r\n?/g, '\n').replace(/\t/g, reference))
    .replace(/ {2}/g, ` ${reference(' ')}`)
    .replace(/ (?=\n)/g, reference)
    .replace(/(?<=^|\n)(?:\.|F(?=rom ))/g, reference)
    .replaceAll(' ', KEPT_BLANK);
}

/** Half of a character is the sign for that, as in UTF-8. */
function reference(character: string): string {
  return `&#${Buffer.from(character).toString().codePointAt(0)};`;
}

function reserveValues(text: string): string {
  return text.replace(/\uE000\w+\uE001/g, (marked) => marked.padEnd(MAX_VALUE_BYTES, RESERVED));
}

/** Undefined when there is no blank to break it at. */
function breakLine(line: string): string | undefined {
  const lines: string[] = [];
  let rest = line;
  while (rest.length > MAX_LINE_BYTES) {
    const end = rest.lastIndexOf(' ', MAX_LINE_BYTES);
    if (end <= 0) return undefined;
    lines.push(rest.slice(0, end));
    rest = rest.slice(end + 1);
  }
  return [...lines, rest].join('\r\n');
}

const cachedValues = new LRUCache<string, string>({ max: 2000 });
const MAX_CACHED_CHARACTERS = 100;

/** Written as it is: words of ASCII with single blanks between them. */
const PLAIN_VALUE = /^(?:[!#-%(-;=?-~]+(?: [!#-%(-;=?-~]+)*)?$/;

/**
 * Writes the value of a placeholder, plain text, into a page that `writeSevenBitHtml` wrote.
 * @throws when it is too long for a line
 */
export function writeSevenBitValue(value: string): string {
  if (value.length <= MAX_VALUE_BYTES && PLAIN_VALUE.test(value)) return value;
  if (value.length > MAX_CACHED_CHARACTERS) return writeValue(value);
  const cached = cachedValues.get(value);
  if (cached !== undefined) return cached;
  const written = writeValue(value);
  cachedValues.set(value, written);
  return written;
}

function writeValue(value: string): string {
  const written = escapeHtml(value)
    .replace(/[^\P{Cc}\t\n\f\r]/gu, '\ufffd')
    .replace(/[^ -~]|^ | (?= |$)/gu, reference);
  if (written.length <= MAX_VALUE_BYTES) return written;
  // An address in another script; a link is in ASCII, and cannot be broken.
  if (!/[^ -~]/.test(value)) throw new Error('A value is too long for a line.');
  return written.replace(/(?:&#\d+;|[^&]){80}/g, '$&<wbr\r\n>');
}
