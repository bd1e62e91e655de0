import { CsvRows } from './csv-rows.js';
import type { Encoding } from './detect-encoding.js';
import { readJsonLine } from './json-rows.js';
import { LineSplitter } from './split-lines.js';
import type { CsvShape, DetectedFormat, RawRow } from './table.js';

const DELIMITERS = [',', ';', '\t', '|'] as const;

/** A JSON array of objects, or an object whose first field is one: {"members": [{…}]}. */
const JSON_ARRAY = /^\s*(?:\{\s*"[^"\\]{1,100}"\s*:\s*)?\[\s*\{/;

/** An address as a cell of its own: enough to tell which delimiter leaves addresses alone. */
const ADDRESS_CELL = /^[\s'"<]*[^\s@,;|<>"]+[@\uff20][^\s@,;|<>"]+\.[^\s@,;|<>"]+[\s>"]*$/;

/** @param sample the file's beginning, without a byte order mark; what was UTF-16 is UTF-8 */
export function detectFormat(sample: Buffer, encoding: Encoding): DetectedFormat {
  const text = sample.toString('latin1');
  const lineEnd = text.includes('\n') || !text.includes('\r') ? '\n' : '\r';
  if (isJsonLines(sample, encoding, lineEnd)) return { format: 'json-lines', encoding, lineEnd };
  const array = JSON_ARRAY.exec(text);
  if (array !== null) return { format: 'json', encoding, from: array[0].indexOf('[') };
  return { format: 'csv', encoding, shape: csvShape(sample, encoding, lineEnd) };
}

/** By the first line: an object that begins and ends there. */
function isJsonLines(sample: Buffer, encoding: Encoding, lineEnd: '\n' | '\r'): boolean {
  const splitter = new LineSplitter(encoding, lineEnd);
  const lines = [...splitter.push(sample), ...splitter.end()];
  const first = lines.find(({ text }) => text.trim() !== '');
  if (first === undefined || !first.text.trimStart().startsWith('{')) return false;
  const row = readJsonLine(first);
  // An array within one line is a table by itself.
  return row !== undefined && 'fields' in row && !JSON_ARRAY.test(first.text);
}

function csvShape(sample: Buffer, encoding: Encoding, lineEnd: '\n' | '\r'): CsvShape {
  const text = sample.toString('latin1');
  const [, named] = /^sep=([,;\t|])\r?[\n\r]/i.exec(text) ?? [];
  // Before a letter: a quote that RFC 4180 would call odd.
  const hasBackslashes = /\\"[^",;|\t\r\n]/.test(text);
  const shapes = DELIMITERS.map((delimiter): CsvShape => ({ delimiter, hasBackslashes, lineEnd }));
  const declared = shapes.find(({ delimiter }) => delimiter === named);
  if (declared !== undefined) return declared;
  const scored = shapes.map((shape) => ({ shape, score: score(sampleRows(sample, encoding, shape)) }));
  return scored.reduce((best, one) => (isBetter(one.score, best.score) ? one : best)).shape;
}

function sampleRows(sample: Buffer, encoding: Encoding, shape: CsvShape): RawRow[] {
  const splitter = new LineSplitter(encoding, shape.lineEnd);
  const rows = new CsvRows(shape);
  return rows.read(splitter.push(sample.subarray(0, 65_536)));
}

type Score = { addresses: number; even: number; width: number };

/** Shares of rows that have an address in a cell of its own, and that have the usual number of cells; and that number. */
function score(rows: readonly RawRow[]): Score {
  const read = rows.flatMap((row) => ('cells' in row ? [row.cells] : []));
  const width = usualWidth(read);
  const share = (count: number) => count / Math.max(1, read.length);
  return {
    addresses: share(read.filter((cells) => cells.some((cell) => ADDRESS_CELL.test(cell))).length),
    even: share(read.filter((cells) => cells.length === width).length),
    width,
  };
}

const NOTICEABLE = 0.1;

function isBetter(one: Score, best: Score): boolean {
  if (Math.abs(one.addresses - best.addresses) > NOTICEABLE) return one.addresses > best.addresses;
  if (one.width === 1 || best.width === 1) return one.width > best.width && one.even > 0.5;
  if (Math.abs(one.even - best.even) > NOTICEABLE) return one.even > best.even;
  return one.width > best.width;
}

/** The number of cells that most rows have; of two as usual, the greater. */
export function usualWidth(rows: readonly (readonly string[])[]): number {
  const counts = new Map<number, number>();
  for (const { length } of rows) counts.set(length, (counts.get(length) ?? 0) + 1);
  const [usual] = [...counts].toSorted(([a, times], [b, others]) => others - times || b - a);
  return usual?.[0] ?? 0;
}
