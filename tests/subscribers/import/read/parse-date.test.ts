import { expect, test } from '@jest/globals';
import {
  dateOrderOf,
  parseDate,
  type DateOrder,
} from '../../../../src/subscribers/import/read/parse-date.js';

const now = new Date('2026-12-01T12:00:00Z');

function read(text: string, order?: DateOrder): string | undefined {
  const parsed = parseDate(text, order, now);
  return parsed?.kind === 'date' ? parsed.date.toISOString() : parsed?.mistake;
}

test.each([
  ['2018-08-27T15:06:27.713Z', '2018-08-27T15:06:27.713Z'],
  ['2023-04-21 11:16:57', '2023-04-21T11:16:57.000Z'],
  ['2023-04-21', '2023-04-21T00:00:00.000Z'],
  ['2023/4/1', '2023-04-01T00:00:00.000Z'],
  ['2023-04-21T11:16:57+03:00', '2023-04-21T08:16:57.000Z'],
  ['2023-04-21 11:16:57.123456 +0000 UTC', '2023-04-21T11:16:57.123Z'],
  ['2023-04-21 11:16:57.5 -0330 NST', '2023-04-21T14:46:57.500Z'],
  ['2023-04-21 11:16:57 UTC', '2023-04-21T11:16:57.000Z'],
  ['1682075817', '2023-04-21T11:16:57.000Z'],
  ['1682075817123', '2023-04-21T11:16:57.123Z'],
  ['Apr 21, 2023', '2023-04-21T00:00:00.000Z'],
  ['April 21, 2023 3:04 PM', '2023-04-21T15:04:00.000Z'],
  ['April 21, 2023 at 12:04 am', '2023-04-21T00:04:00.000Z'],
  ['21 April 2023', '2023-04-21T00:00:00.000Z'],
  ['Fri, 21 Apr 2023 11:16:57 +0200', '2023-04-21T09:16:57.000Z'],
  ['21/04/2023', '2023-04-21T00:00:00.000Z'],
  ['04/21/2023 11:16', '2023-04-21T11:16:00.000Z'],
  ['21.04.23', '2023-04-21T00:00:00.000Z'],
  ['05/05/2023', '2023-05-05T00:00:00.000Z'],
])('%s is %s, whatever the order of day and month', (text, date) => {
  expect(read(text)).toBe(date);
});

test('day and month that could be either are read only as somebody has said', () => {
  expect(read('03/04/2023')).toBe('date-order');
  expect(read('03/04/2023', 'iso')).toBe('date-order');
  expect(read('03/04/2023', 'day-first')).toBe('2023-04-03T00:00:00.000Z');
  expect(read('03/04/2023', 'month-first')).toBe('2023-03-04T00:00:00.000Z');
  expect(read('21/04/2023', 'month-first')).toBe('bad-date');
});

test.each(['', '  ', '-', 'N/A', 'null', '0000-00-00 00:00:00'])('"%s" says nothing', (text) => {
  expect(read(text)).toBeUndefined();
});

test.each([
  ['2027-03-01', 'date-range'],
  ['1969-12-31', 'date-range'],
  ['1989-12-31T23:59:59Z', 'date-range'],
  ['2023-02-30', 'bad-date'],
  ['2023-13-01', 'bad-date'],
  ['2023-04-21 25:00', 'bad-date'],
  ['21/21/2023', 'bad-date'],
  ['yesterday', 'bad-date'],
  ['45037', 'bad-date'],
])('%s is a mistake of its cell: %s', (text, mistake) => {
  expect(read(text)).toBe(mistake);
});

test.each<[string[], DateOrder | 'ask']>([
  [['2023-04-21', '1682075817', ''], 'iso'],
  [['03/04/2023', '21/04/2023'], 'day-first'],
  [['03/04/2023', '4/21/2023 11:16'], 'month-first'],
  [['03/04/2023', '05/06/2023'], 'ask'],
  [['21/04/2023', '04/21/2023'], 'ask'],
])('%j is %s', (values, order) => {
  expect(dateOrderOf(values)).toBe(order);
});
