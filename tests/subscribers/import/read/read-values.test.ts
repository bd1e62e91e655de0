import { expect, test } from '@jest/globals';
import { csvLine } from '../../../../src/platform/text/csv.js';
import type { Field } from '../../../../src/subscribers/import/read/fields.js';
import { openTable } from '../../../../src/subscribers/import/read/open-table.js';
import {
  readValues,
  type FileRow,
  type ReadOptions,
} from '../../../../src/subscribers/import/read/read-values.js';

const now = new Date('2026-12-01T00:00:00Z');

function read(values: Partial<Record<Field, string>>, options: Partial<ReadOptions> = {}): FileRow | string {
  const given = { email: 'ada@example.com', ...values };
  const result = readValues(Object.keys(given) as Field[], Object.values(given), {
    dateOrder: undefined,
    preset: 'plain',
    kind: 'subscribed',
    now,
    ...options,
  });
  return result.kind === 'row' ? result.row : result.mistake;
}

test('a reader has what her row says of her, and nothing that it does not say', () => {
  expect(read({})).toEqual({
    email: { email: 'ada@example.com', key: 'ada@example.com' },
    topics: [],
    status: 'subscribed',
    doubts: [],
  });
  expect(
    read({
      email: ' Ada Quay <Ada@Example.com> ',
      language: 'pt_br',
      timezone: 'america/sao_paulo',
      cadence: 'Weekly',
      topics: '"Sport, outdoors","News",News',
      joined: '2023-04-21',
      confirmed: '2023-04-22 10:00',
      source: 'https://example.com/join by bea@example.com',
    }),
  ).toEqual({
    email: { email: 'Ada@example.com', key: 'ada@example.com' },
    locale: 'pt-BR',
    timezone: 'America/Sao_Paulo',
    cadence: 'weekly',
    topics: ['Sport, outdoors', 'News'],
    joinedAt: new Date('2023-04-21T00:00:00Z'),
    confirmedAt: new Date('2023-04-22T10:00:00Z'),
    source: 'https://example.com/join by …',
    status: 'subscribed',
    doubts: [],
  });
});

test.each([
  ['', 'no-address'],
  ['  ', 'no-address'],
  ['ada', 'not-an-address'],
  ['ada@example', 'not-an-address'],
  ['a@example.com, b@example.com', 'two-addresses'],
  ['a@example.com;b@example.com', 'two-addresses'],
  ['Ada <a@example.com> / Bea <b@example.com>', 'two-addresses'],
])('"%s" is %s', (email, mistake) => {
  expect(read({ email })).toBe(mistake);
});

test('what of a row is not understood is said, and the rest counts', () => {
  const row = read({
    language: 'Klingonese',
    timezone: 'Mars/Olympus',
    cadence: 'often',
    joined: '03/04/2023',
    confirmed: '2031-01-01',
    left: 'yesterday',
  });
  expect(row).toMatchObject({
    status: 'unsubscribed',
    doubts: [
      { field: 'language', doubt: 'unknown-language' },
      { field: 'timezone', doubt: 'unknown-timezone' },
      { field: 'cadence', doubt: 'unknown-cadence' },
      { field: 'joined', doubt: 'date-order' },
      { field: 'confirmed', doubt: 'date-range' },
      { field: 'left', doubt: 'bad-date' },
    ],
  });
});

test.each<[Partial<Record<Field, string>>, Partial<ReadOptions>, string]>([
  [{ status: 'Active' }, {}, 'subscribed'],
  [{ status: 'hard_bounced' }, {}, 'bounced'],
  [{ status: 'active' }, { kind: 'unsubscribed' }, 'unsubscribed'],
  [{ status: 'complained' }, { kind: 'unsubscribed' }, 'complained'],
  [{ status: 'subscribed' }, { kind: 'cleaned' }, 'bounced'],
  [{ status: 'active', left: '2023-01-01' }, {}, 'subscribed'],
  [{ left: '2023-01-01' }, {}, 'unsubscribed'],
  [{ left: '0000-00-00 00:00:00' }, {}, 'subscribed'],
  [{ 'is-subscribed': 'TRUE' }, {}, 'subscribed'],
  [{ 'is-subscribed': '0' }, {}, 'unsubscribed'],
  [{ 'is-subscribed': '' }, {}, 'unknown-status'],
  [{ 'is-subscribed': 'maybe' }, {}, 'unknown-status'],
  [{ 'has-left': '' }, {}, 'subscribed'],
  [{ 'has-left': 'yes' }, {}, 'unsubscribed'],
  [{ 'has-left': 'yes', 'is-subscribed': 'yes', status: 'active' }, {}, 'unsubscribed'],
  [{ status: 'inactive' }, {}, 'unknown-status'],
])('%j in a file of %j is %s', (values, options, status) => {
  const row = read(values, options);
  expect(typeof row === 'string' ? row : row.status).toBe(status);
});

test.each([
  ['English', 'en'],
  ['français', 'fr'],
  ['Kiswahili', 'sw'],
  ['sw_KE', 'sw-KE'],
  ['iw', 'he'],
  ['xx', undefined],
  ['-', undefined],
])('the language %s is %s', (language, tag) => {
  const row = read({ language });
  expect(typeof row === 'string' ? row : row.locale).toBe(tag);
});

test('Substack says whether she wants posts together', () => {
  expect(read({ cadence: 'true' }, { preset: 'substack' })).toMatchObject({ cadence: 'daily' });
  expect(read({ cadence: 'false' }, { preset: 'substack' })).not.toHaveProperty('cadence');
});

test('what our own export writes comes back unchanged, also where a spreadsheet would take it for a formula', async () => {
  const cells = ['+ada=@example.com', '=1+1', '-\tx', '@home', '\tx', 'plain', "'quoted'"];
  const opened = await openTable(
    source(Buffer.from(csvLine(['email', 'a', 'b', 'c', 'd', 'e', 'f']) + csvLine(cells))),
  );
  if (opened.kind === 'mistake') throw new Error(opened.mistake);
  const [row] = opened.table.sample;
  const back = row !== undefined && 'cells' in row ? row.cells : [];
  const result = readValues(['email', ...back.slice(1).map((): Field => 'ignore')], back, {
    dateOrder: 'iso',
    preset: 'plain',
    kind: 'subscribed',
    now,
  });
  expect(result).toMatchObject({ row: { email: { email: '+ada=@example.com' } } });
  for (const [at, text] of cells.entries()) {
    if (at === 0) continue;
    const one = readValues(['email', 'reason'], ['a@example.com', back[at] ?? ''], {
      dateOrder: 'iso',
      preset: 'plain',
      kind: 'subscribed',
      now,
    });
    expect(one).toMatchObject({ row: { reason: text.trim() } });
  }
});

async function* source(bytes: Buffer): AsyncGenerator<Uint8Array> {
  yield bytes;
}
