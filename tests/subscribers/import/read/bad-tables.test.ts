import { expect, test } from '@jest/globals';
import { openTable } from '../../../../src/subscribers/import/read/open-table.js';
import type { Table } from '../../../../src/subscribers/import/read/table.js';

async function* source(bytes: Buffer): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += 10_000) yield bytes.subarray(at, at + 10_000);
}

async function open(content: string | Buffer): Promise<Table> {
  const opened = await openTable(source(Buffer.from(content)));
  if (opened.kind === 'mistake') throw new Error(opened.mistake);
  return opened.table;
}

/** Each record as its cells, or as its line with what is wrong. */
async function read(content: string | Buffer): Promise<unknown[]> {
  const rows: unknown[] = [];
  for await (const batch of (await open(content)).rows())
    for (const row of batch) rows.push('cells' in row ? row.cells : `${row.line} ${row.mistake}`);
  return rows;
}

test('a quote that is never closed costs its own line, and no other', async () => {
  const others = Array.from({ length: 5000 }, (_, at) => `r${at}@example.com,x`).join('\n');
  const rows = await read(`email,name\na@example.com,"Ada\n${others}\n`);
  expect(rows[0]).toBe('2 quotes');
  expect(rows).toHaveLength(5001);
});

test.each<[string, unknown[]]>([
  [
    'a@b.de,"Ada\nb@b.de,Bea\nc@b.de,"Cy"\nd@b.de,Di\n',
    ['2 quotes', ['b@b.de', 'Bea'], ['c@b.de', 'Cy'], ['d@b.de', 'Di']],
  ],
  ['"a@b.de","Ada\n"b@b.de","Bea"\n', ['2 quotes', ['b@b.de', 'Bea']]],
  [
    'a@b.de,"Ada "the" Quay"\nb@b.de,5" tall\n',
    [
      ['a@b.de', 'Ada "the" Quay'],
      ['b@b.de', '5" tall'],
    ],
  ],
  [
    'a@b.de, "Quay, Ada" \nb@b.de,x\n',
    [
      ['a@b.de', 'Quay, Ada'],
      ['b@b.de', 'x'],
    ],
  ],
  [
    'a@b.de,"two\r\nlines"\r\nb@b.de,x\r\n',
    [
      ['a@b.de', 'two\r\nlines'],
      ['b@b.de', 'x'],
    ],
  ],
  // Two records, or one with a strange name: nobody can know.
  ['a@b.de,"Ada\nb@b.de,Bea"\nc@b.de,x\n', ['2 quotes', ['c@b.de', 'x']]],
  ['a@b.de,"Ada', ['2 quotes']],
])('quotes in odd places: %j', async (text, rows) => {
  expect(await read(`email,name\n${text}`)).toEqual(rows);
});

test('rows that are too short are filled up; what is beyond the columns is a mistake unless it is blank', async () => {
  expect(await read('email,name,note\na@b.de\nb@b.de,x,y,,\n\n,,\nc@b.de,Quay, Ada,x\nd@b.de,x,y\n')).toEqual(
    [['a@b.de', '', ''], ['b@b.de', 'x', 'y'], '6 extra-cells', ['d@b.de', 'x', 'y']],
  );
});

test('NUL, bytes in another encoding and lines without end are mistakes of their lines', async () => {
  const content = Buffer.concat([
    Buffer.from('email,name\nö@b.de,Ädä\nn\0@b.de,x\n'),
    Buffer.from('c@b.de,J\xfcrgen\n', 'latin1'),
    Buffer.from(`d@b.de,${'x'.repeat(100_000)}\ne@b.de,${'x'.repeat(65_000)}\nf@b.de,x\n`),
  ]);
  const rows = await read(content);
  expect(rows.filter((row) => typeof row === 'string')).toEqual(['3 nul', '4 not-text', '5 too-long']);
  expect(rows.at(-1)).toEqual(['f@b.de', 'x']);
  expect(rows[0]).toEqual(['ö@b.de', 'Ädä']);
});

test('a line of 100 MB is one mistake, and hardly any of it is held', async () => {
  async function* long(): AsyncGenerator<Uint8Array> {
    yield Buffer.from('email,name\na@b.de,"');
    for (let at = 0; at < 1600; at += 1) yield Buffer.alloc(65_536, 'x');
    yield Buffer.from('"\nb@b.de,y\n');
  }
  const opened = await openTable(long());
  if (opened.kind === 'mistake') throw new Error(opened.mistake);
  const rows: unknown[] = [];
  const before = process.memoryUsage().rss;
  for await (const batch of opened.table.rows()) rows.push(...batch);
  expect(rows).toEqual([
    { line: 2, mistake: 'too-long' },
    { line: 3, cells: ['b@b.de', 'y'] },
  ]);
  expect(process.memoryUsage().rss - before).toBeLessThan(80 * 1024 ** 2);
});

test.each<[string, Buffer, string, string[]]>([
  [
    'windows-1252',
    Buffer.from('email;name\na@b.de;J\xfcrgen \x80\x8a\n', 'latin1'),
    'windows-1252',
    ['a@b.de', 'Jürgen €Š'],
  ],
  [
    'UTF-16 without a mark',
    Buffer.from('email;name\na@b.de;Jürgen\n', 'utf16le'),
    'utf-16le',
    ['a@b.de', 'Jürgen'],
  ],
  [
    'UTF-16 the other way round',
    Buffer.from('email;name\na@b.de;Jürgen\n', 'utf16le').swap16(),
    'utf-16be',
    ['a@b.de', 'Jürgen'],
  ],
  ['UTF-8', Buffer.from('email;name\na@b.de;Жук 🙂\n'), 'utf-8', ['a@b.de', 'Жук 🙂']],
])('%s is found out', async (_, bytes, encoding, cells) => {
  expect(await open(bytes)).toMatchObject({ encoding, shape: { delimiter: ';' }, header: ['email', 'name'] });
  expect(await read(bytes)).toEqual([cells]);
});

test('a file that is ASCII far into it is in the encoding of the first line that is more', async () => {
  const plain = 'a@b.de,x\n'.repeat(40_000);
  const latin = await read(
    Buffer.concat([Buffer.from(`email,name\n${plain}`), Buffer.from('b@b.de,J\xfcrgen\n', 'latin1')]),
  );
  expect(latin.at(-1)).toEqual(['b@b.de', 'Jürgen']);
  const unicode = await read(`email,name\n${plain}b@b.de,Jürgen\n`);
  expect(unicode.at(-1)).toEqual(['b@b.de', 'Jürgen']);
});

test('a name above the table, and what tells a spreadsheet the delimiter, are not the header', async () => {
  expect((await open('Our readers\n\nemail,name\na@b.de,x\nb@b.de,y\n')).header).toEqual(['email', 'name']);
  const declared = 'sep=;\nemail;name\na@b.de;x\n';
  expect((await open(declared)).header).toEqual(['email', 'name']);
  expect(await read(declared)).toEqual([['a@b.de', 'x']]);
});

test('a file without a header begins with a reader', async () => {
  expect((await open('a@b.de\tx\nb@b.de\ty\n')).header).toBeNull();
  expect(await read('a@b.de\tx\nb@b.de\ty')).toEqual([
    ['a@b.de', 'x'],
    ['b@b.de', 'y'],
  ]);
  expect(await read('a@b.de')).toEqual([['a@b.de']]);
});

test('records of JSON that cannot be read are mistakes of their lines', async () => {
  const lines = '{"email":"a@b.de"}\n{"email":\n[1]\n{"email":"b@b.de","left":"2024-01-01"}\n';
  expect(await read(lines)).toEqual([['a@b.de', ''], '2 not-json', '3 not-json', ['b@b.de', '2024-01-01']]);
  const array = '[{"email":"a@b.de"},\n{"email":"b@b.de\n"},\n{"email":"c@b.de"}]';
  expect(await read(array)).toEqual([['a@b.de'], '2 not-json', ['c@b.de']]);
  expect(await read('[{"email":"a@b.de"},\n{"email":"b')).toEqual([['a@b.de'], '2 not-json']);
});

test('a field that no record at the beginning of a file has is not passed over', async () => {
  const many = '{"email":"a@b.de"}\n'.repeat(20_000);
  const rows = await read(`${many}{"email":"b@b.de","unsubscribed_at":"2024-01-01"}\n`);
  expect(rows.at(-1)).toBe('20001 extra-cells');
});

test.each<[string, string | Buffer, string]>([
  ['nothing', ' \n\n', 'empty'],
  ['a workbook', Buffer.from('PK\x03\x04…'), 'spreadsheet'],
  [
    'a picture',
    Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0, 0, 0, 13, 64, 1, 2, 3, 0, 0]),
    'no-table',
  ],
  ['a page', '<!DOCTYPE html>\n<p>a@b.de</p>', 'no-table'],
  ['prose', 'Dear reader,\nthank you.\n', 'no-addresses'],
  ['400 columns and one', `email${',x'.repeat(400)}\na@b.de\n`, 'too-many-columns'],
])('%s is no table of readers', async (_, content, mistake) => {
  await expect(open(content)).rejects.toThrow(mistake);
});

test('400 columns are read', async () => {
  expect((await open(`email${',x'.repeat(399)}\na@b.de\n`)).columns).toBe(400);
});
