import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { openTable } from '../../../../src/subscribers/import/read/open-table.js';
import type { TableRow } from '../../../../src/subscribers/import/read/table.js';
import { seed } from '../../../support/seed.js';

console.info(`Tables began with RANDOM_SEED=${seed}`);

type Writer = {
  delimiter: ',' | ';' | '\t' | '|';
  lineEnd: '\n' | '\r\n' | '\r';
  quotes: 'all' | 'needed';
  encoding: 'utf-8' | 'utf-8 with mark' | 'utf-16le' | 'utf-16be' | 'windows-1252';
};

const writers: fc.Arbitrary<Writer> = fc.record({
  delimiter: fc.constantFrom(',', ';', '\t', '|'),
  lineEnd: fc.constantFrom('\n', '\r\n', '\r'),
  quotes: fc.constantFrom('all', 'needed'),
  encoding: fc.constantFrom('utf-8', 'utf-8 with mark', 'utf-16le', 'utf-16be', 'windows-1252'),
});

/** No address among them: lines within a cell that look like rows are a mistake. No NUL either. */
const anyText = fc
  .string({
    unit: fc.oneof(
      fc.constantFrom(...Array.from(',;\t|"\\ \n\r\'ab')),
      fc.string({ unit: 'grapheme', maxLength: 1 }),
    ),
  })
  .map((text) => text.replaceAll(/[\0@\uff20\ufeff]/g, ''));
/** Letters that beside each other are not UTF-8 by chance. */
const latinText = fc.string({ unit: fc.constantFrom(...Array.from('éüñß ,;\t|"\n\rab')) });

const tables = writers.chain((writer) => {
  const text = writer.encoding === 'windows-1252' ? latinText : anyText;
  const cell = writer.lineEnd === '\r' ? text.map((one) => one.replaceAll('\n', '')) : text;
  return fc.record({
    writer: fc.constant(writer),
    rows: fc.array(fc.tuple(cell, cell), { minLength: 1, maxLength: 20 }),
  });
});

function write({ delimiter, lineEnd, quotes, encoding }: Writer, rows: readonly string[][]): Buffer {
  const quoted = (cell: string) => `"${cell.replaceAll('"', '""')}"`;
  const needs = (cell: string) =>
    quotes === 'all' || /^\s|\s$|["\r\n]/.test(cell) || cell.includes(delimiter);
  const line = (cells: string[]) => cells.map((cell) => (needs(cell) ? quoted(cell) : cell)).join(delimiter);
  return encode(rows.map((cells) => line(cells) + lineEnd).join(''), encoding);
}

function encode(text: string, encoding: Writer['encoding']): Buffer {
  if (encoding === 'windows-1252') return Buffer.from(text, 'latin1');
  if (encoding === 'utf-8') return Buffer.from(text);
  if (encoding === 'utf-8 with mark') return Buffer.from(`\ufeff${text}`);
  const wide = Buffer.from(`\ufeff${text}`, 'utf16le');
  return encoding === 'utf-16le' ? wide : wide.swap16();
}

async function* pieces(bytes: Buffer, cuts: readonly number[]): AsyncGenerator<Uint8Array> {
  const places = [0, ...cuts.map((cut) => cut % (bytes.length + 1)).toSorted((a, b) => a - b), bytes.length];
  for (const [at, place] of places.entries()) yield bytes.subarray(places[at - 1] ?? 0, place);
}

async function read(bytes: Buffer, cuts: readonly number[] = []): Promise<TableRow[] | string> {
  const opened = await openTable(pieces(bytes, cuts));
  if (opened.kind === 'mistake') return opened.mistake;
  const rows: TableRow[] = [];
  for await (const batch of opened.table.rows()) rows.push(...batch);
  return rows;
}

const header = ['email', 'name', 'note'];
const reader = (cells: readonly string[], at: number) => [`reader${at}@example.com`, ...cells];

test('rows come back from a file as they were written, whatever the delimiter, quotes, line ends and encoding', async () => {
  await fc.assert(
    fc.asyncProperty(tables, async ({ writer, rows }) => {
      const written = rows.map(reader);
      const back = await read(write(writer, [header, ...written]));
      const cells = typeof back === 'string' ? back : back.map((row) => ('cells' in row ? row.cells : row));
      expect(cells).toEqual(written);
    }),
    { numRuns: 500 },
  );
});

test('where the pieces of a file end makes no difference', async () => {
  await fc.assert(
    fc.asyncProperty(tables, fc.array(fc.nat(), { maxLength: 30 }), async ({ writer, rows }, cuts) => {
      const bytes = write(writer, [header, ...rows.map(reader)]);
      expect(await read(bytes, cuts)).toEqual(await read(bytes));
    }),
    { numRuns: 200 },
  );
});

const debris = fc.array(
  fc.oneof(
    fc.constantFrom(
      'a@b.de',
      '"',
      '""',
      '\\"',
      ',',
      ';',
      '\n',
      '\r\n',
      '{',
      '}',
      '[',
      ']',
      '{"email":"a@b.de"}',
      '\0',
    ),
    fc.string({ maxLength: 5 }),
  ),
  { maxLength: 60 },
);

test('a file of anything is read to its end, in the order of its lines, wherever its pieces end', async () => {
  await fc.assert(
    fc.asyncProperty(debris, fc.array(fc.nat(), { maxLength: 10 }), async (parts, cuts) => {
      const bytes = Buffer.from(parts.join(''), 'latin1');
      const rows = await read(bytes);
      expect(await read(bytes, cuts)).toEqual(rows);
      if (typeof rows === 'string') return;
      const lines = rows.map(({ line }) => line);
      expect(lines).toEqual(lines.toSorted((a, b) => a - b));
    }),
    { numRuns: 1000 },
  );
});
