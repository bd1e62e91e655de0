import { parseAddress } from '../../address.js';
import { CsvRows } from './csv-rows.js';
import { detectEncoding, type Encoding } from './detect-encoding.js';
import { detectFormat, usualWidth } from './detect-format.js';
import { JsonArrayRows, readJsonLine, type JsonRow } from './json-rows.js';
import { LineSplitter } from './split-lines.js';
import {
  MAX_COLUMNS,
  SAMPLE_BYTES,
  type DetectedFormat,
  type RawRow,
  type Table,
  type TableMistake,
  type TableRow,
} from './table.js';

/** So much is parsed at a time, in bytes: what is yielded together. */
const PIECE_BYTES = 65_536;

/**
 * Finds out what a file is from its beginning: its encoding, its format, its columns. Nothing but the beginning is read before
 * `rows` is called, and then a piece at a time, whatever the file's size and the length of its lines.
 * @throws what the source throws
 */
export async function openTable(
  source: AsyncIterable<Uint8Array>,
): Promise<{ kind: 'table'; table: Table } | { kind: 'mistake'; mistake: TableMistake }> {
  const iterator = source[Symbol.asyncIterator]();
  const head = await readHead(iterator);
  const sample = head.bytes.subarray(0, SAMPLE_BYTES);
  const isWhole = head.isWhole && head.bytes.length <= SAMPLE_BYTES;
  const { encoding, markBytes } = detectEncoding(sample);
  const text = toNarrow(encoding);
  const narrow = text.push(sample.subarray(markBytes));
  const mistake = fileMistake(narrow);
  if (mistake !== undefined) {
    await iterator.return?.();
    return { kind: 'mistake', mistake };
  }
  const format = detectFormat(narrow, encoding);
  const columns = columnsOf(format, narrow, isWhole);
  if (columns.count > MAX_COLUMNS) {
    await iterator.return?.();
    return { kind: 'mistake', mistake: 'too-many-columns' };
  }
  const first = rowReader(format, columns);
  const table: Table = {
    ...format,
    header: columns.header,
    columns: columns.count,
    sample: [...first.push(narrow), ...(isWhole ? first.end() : [])],
    rows: () => readRows(head.bytes.subarray(markBytes), iterator, rowReader(format, columns), encoding),
    close: async () => void (await iterator.return?.()),
  };
  return { kind: 'table', table };
}

async function readHead(iterator: AsyncIterator<Uint8Array>): Promise<{ bytes: Buffer; isWhole: boolean }> {
  const pieces: Uint8Array[] = [];
  for (let size = 0; size <= SAMPLE_BYTES;) {
    const { value, done } = await iterator.next();
    if (done === true) return { bytes: Buffer.concat(pieces), isWhole: true };
    // What is yielded may be overwritten by whoever yields it.
    pieces.push(Uint8Array.from(value));
    size += value.length;
  }
  return { bytes: Buffer.concat(pieces), isWhole: false };
}

async function* readRows(
  head: Buffer,
  iterator: AsyncIterator<Uint8Array>,
  reader: RowReader,
  encoding: Encoding,
): AsyncGenerator<TableRow[]> {
  const text = toNarrow(encoding);
  try {
    for (let bytes: Uint8Array | undefined = head; bytes !== undefined; bytes = await nextBytes(iterator)) {
      for (let from = 0; from < bytes.length; from += PIECE_BYTES) {
        const rows = reader.push(text.push(bytes.subarray(from, from + PIECE_BYTES)));
        if (rows.length > 0) yield rows;
      }
    }
    const last = [...reader.push(text.end()), ...reader.end()];
    if (last.length > 0) yield last;
  } finally {
    await iterator.return?.();
  }
}

async function nextBytes(iterator: AsyncIterator<Uint8Array>): Promise<Uint8Array | undefined> {
  const { value, done } = await iterator.next();
  return done === true ? undefined : value;
}

/** UTF-16 as UTF-8, so that all that follows sees ASCII as single bytes; everything else as it is. */
function toNarrow(encoding: Encoding): { push(bytes: Uint8Array): Buffer; end(): Buffer } {
  if (encoding !== 'utf-16le' && encoding !== 'utf-16be')
    return {
      push: (bytes) => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length),
      end: () => Buffer.of(),
    };
  const decoder = new TextDecoder(encoding, { ignoreBOM: true });
  return {
    push: (bytes) => Buffer.from(decoder.decode(bytes, { stream: true })),
    end: () => Buffer.from(decoder.decode()),
  };
}

/** The first bytes of a ZIP archive, as which spreadsheets and office documents are stored (APPNOTE.TXT, section 4.3.7). */
const ZIP = 'PK\x03\x04';

function fileMistake(sample: Buffer): TableMistake | undefined {
  const text = sample.toString('latin1');
  if (text.trim() === '') return 'empty';
  if (text.startsWith(ZIP) || text.startsWith('\xd0\xcf\x11\xe0')) return 'spreadsheet';
  // oxlint-disable-next-line no-control-regex
  const controls = text.match(/[\0-\x08\x0e-\x1a\x1c-\x1f]/g)?.length ?? 0;
  if (controls > text.length / 10 || /^\s*<(?:!doctype|html|\?xml)/i.test(text)) return 'no-table';
  return text.includes('@') || text.includes('\xef\xbc\xa0') ? undefined : 'no-addresses';
}

/** `from`: the line behind the header. */
type Columns = { header: string[] | null; count: number; from: number };

function columnsOf(format: DetectedFormat, sample: Buffer, isWhole: boolean): Columns {
  if (format.format !== 'csv') {
    const names = new Set<string>();
    for (const row of jsonReader(format, isWhole)(sample))
      if ('fields' in row) for (const name of row.fields.keys()) names.add(name);
    return { header: [...names], count: names.size, from: 1 };
  }
  const splitter = new LineSplitter(format.encoding, format.shape.lineEnd);
  const csv = new CsvRows(format.shape);
  const lines = splitter.push(sample);
  const rows = csv.read(isWhole || lines.length === 0 ? [...lines, ...splitter.end()] : lines);
  return csvColumns(isWhole ? [...rows, ...csv.end()] : rows);
}

function csvColumns(rows: readonly RawRow[]): Columns {
  const read = rows.filter((row) => 'cells' in row && row.cells.some((cell) => cell.trim() !== ''));
  const cells = read.map((row) => ('cells' in row ? row.cells : []));
  const width = usualWidth(cells);
  // Above a table there may be its name, or `sep=;`.
  const first = cells.findIndex((one) => one.length >= Math.min(width, 2) && !isDeclaration(one));
  const header = cells[first]?.map((cell) => cell.trim());
  const from = (read[first]?.line ?? 0) + 1;
  if (header === undefined || header.some(isAddress)) return { header: null, count: width, from: from - 1 };
  const count = Math.max(width, header.length);
  return { header: [...header, ...Array.from({ length: count - header.length }, () => '')], count, from };
}

function isDeclaration(cells: readonly string[]): boolean {
  return /^sep=/i.test(cells[0] ?? '');
}

function isAddress(cell: string): boolean {
  return cell.includes('@') && parseAddress(cell).kind === 'address';
}

type RowReader = { push(bytes: Buffer): TableRow[]; end(): TableRow[] };

function rowReader(format: DetectedFormat, columns: Columns): RowReader {
  return format.format === 'csv' ? csvReader(format, columns) : objectReader(format, columns);
}

function csvReader(
  { encoding, shape }: Extract<DetectedFormat, { format: 'csv' }>,
  columns: Columns,
): RowReader {
  const splitter = new LineSplitter(encoding, shape.lineEnd);
  const csv = new CsvRows(shape);
  const fit = (rows: RawRow[]) => fitRows(rows, columns);
  return {
    push: (bytes) => fit(csv.read(splitter.push(bytes))),
    end: () => fit([...csv.read(splitter.end()), ...csv.end()]),
  };
}

/** As many cells as there are columns; rows without anything are none. */
function fitRows(rows: readonly RawRow[], { count, from }: Columns): TableRow[] {
  const fitted: TableRow[] = [];
  for (const row of rows) {
    if (row.line < from) continue;
    if (!('cells' in row)) fitted.push(row);
    else if (row.cells.length > count && row.cells.slice(count).some((cell) => cell.trim() !== ''))
      fitted.push({ line: row.line, mistake: 'extra-cells' });
    else if (row.cells.some((cell) => cell !== '' && cell.trim() !== '')) {
      row.cells.length = Math.min(row.cells.length, count);
      while (row.cells.length < count) row.cells.push('');
      fitted.push(row);
    }
  }
  return fitted;
}

type JsonFormat = Exclude<DetectedFormat, { format: 'csv' }>;

function objectReader(format: JsonFormat, { header }: Columns): RowReader {
  const index = new Map((header ?? []).map((name, at) => [name, at]));
  const fit = (rows: JsonRow[]) => rows.map((row) => fitFields(row, index));
  const read = jsonPieces(format);
  return { push: (bytes) => fit(read.push(bytes)), end: () => fit(read.end()) };
}

/** A field that no record of the sample has is a mistake: it may say that its reader has left. */
function fitFields(row: JsonRow, index: ReadonlyMap<string, number>): TableRow {
  if (!('fields' in row)) return row;
  const cells = Array.from({ length: index.size }, () => '');
  for (const [name, value] of row.fields) {
    const at = index.get(name);
    if (at !== undefined) cells[at] = value;
    else if (value !== '') return { line: row.line, mistake: 'extra-cells' };
  }
  return { line: row.line, cells };
}

function jsonReader(format: JsonFormat, isWhole: boolean): (sample: Buffer) => JsonRow[] {
  const read = jsonPieces(format);
  return (sample) => [...read.push(sample), ...(isWhole ? read.end() : [])];
}

function jsonPieces(format: JsonFormat): { push(bytes: Buffer): JsonRow[]; end(): JsonRow[] } {
  if (format.format === 'json') return jsonArray(format);
  const splitter = new LineSplitter(format.encoding, format.lineEnd);
  const read = (lines: ReturnType<LineSplitter['push']>) => lines.flatMap((line) => readJsonLine(line) ?? []);
  return { push: (bytes) => read(splitter.push(bytes)), end: () => read(splitter.end()) };
}

function jsonArray({ encoding, from }: Extract<DetectedFormat, { format: 'json' }>): {
  push(bytes: Buffer): JsonRow[];
  end(): JsonRow[];
} {
  const rows = new JsonArrayRows(encoding);
  let skipped = 0;
  return {
    push: (bytes) => {
      const skip = Math.min(bytes.length, from - skipped);
      skipped += skip;
      return rows.push(bytes.subarray(skip));
    },
    end: () => rows.end(),
  };
}
