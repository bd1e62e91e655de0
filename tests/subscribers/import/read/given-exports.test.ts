import { createReadStream, existsSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { openTable } from '../../../../src/subscribers/import/read/open-table.js';
import { readValues, type FileRow } from '../../../../src/subscribers/import/read/read-values.js';
import { suggestColumns, type Suggestion } from '../../../../src/subscribers/import/read/suggest-columns.js';

const folder = join(import.meta.dirname, '../../../../../shared/data/subscriber-csv');
const given = existsSync(folder) ? test : test.skip;
const now = new Date('2026-12-01T00:00:00Z');

async function read(name: string): Promise<{ suggestion: Suggestion; rows: FileRow[] }> {
  const opened = await openTable(createReadStream(join(folder, name)));
  if (opened.kind === 'mistake') throw new Error(opened.mistake);
  const { header, sample } = opened.table;
  const cells = sample.flatMap((row) => ('cells' in row ? [row.cells] : []));
  const suggestion = suggestColumns({ header, rows: cells, fileName: name, now });
  const rows: FileRow[] = [];
  for await (const batch of opened.table.rows()) {
    for (const one of batch) {
      if (!('cells' in one)) throw new Error(`Line ${one.line}: ${one.mistake}`);
      const result = readValues(suggestion.columns, one.cells, { ...suggestion, dateOrder: 'iso', now });
      if (result.kind === 'mistake') throw new Error(`Line ${one.line}: ${result.mistake}`);
      rows.push(result.row);
    }
  }
  return { suggestion, rows };
}

given(
  'an export of Substack has its readers, since when they read, and those who have switched its mails off',
  async () => {
    const { suggestion, rows } = await read('substack_signup.csv');
    expect(suggestion).toMatchObject({ preset: 'substack', kind: 'mixed' });
    expect(rows).toHaveLength(21);
    const left = rows.filter(({ status }) => status === 'unsubscribed').map(({ email }) => email.key);
    expect(left).toEqual(['maguirec086@comm.ca', 'nottimferris@gmail.com']);
    expect(rows[0]?.joinedAt).toEqual(new Date('2018-08-27T15:06:27.713Z'));
    expect(rows.every(({ doubts }) => doubts.length === 0)).toBe(true);
  },
);

given('an older export of Substack says nothing of when readers came', async () => {
  const { suggestion, rows } = await read('substack_subscribers.csv');
  expect(suggestion).toMatchObject({ preset: 'substack', kind: 'mixed' });
  expect(rows).toHaveLength(17);
  expect(rows.filter(({ status }) => status === 'unsubscribed')).toHaveLength(2);
  expect(rows.some(({ joinedAt }) => joinedAt !== undefined)).toBe(false);
});

given.each([
  ['mailchimp_subscribed.csv', 'subscribed', 'subscribed', undefined],
  ['mailchimp_unsubscribed.csv', 'unsubscribed', 'unsubscribed', '2018-07-23T12:19:27.000Z'],
  ['mailchimp_cleaned.csv', 'cleaned', 'bounced', '2020-03-23T17:30:05.000Z'],
])('%s of Mailchimp is of people who are %s', async (name, kind, status, leftAt) => {
  const { suggestion, rows } = await read(name);
  expect(suggestion).toMatchObject({ preset: 'mailchimp', kind });
  expect(rows).toHaveLength(5);
  expect(new Set(rows.map((row) => row.status))).toEqual(new Set([status]));
  expect(rows[0]?.leftAt?.toISOString()).toBe(leftAt);
  expect(rows.every(({ joinedAt, confirmedAt }) => joinedAt !== undefined && confirmedAt !== undefined)).toBe(
    true,
  );
});

given('a table of two columns has the addresses of its readers, and nothing else', async () => {
  const { suggestion, rows } = await read('ghost_two-columns-with-header.csv');
  expect(suggestion.columns).toEqual(['ignore', 'email']);
  expect(rows.map(({ email }) => email.key)).toEqual(['jbloggs@example.com', 'test@example.com']);
});
