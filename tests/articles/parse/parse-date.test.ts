import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { resolveZone, type ZoneHints } from '../../../src/articles/parse/clock-zone.js';
import { parseFeedDate } from '../../../src/articles/parse/parse-date.js';

function read(raw: string | undefined, hints: ZoneHints = {}) {
  const date = parseFeedDate(raw);
  return date && resolveZone(date, hints);
}

test.each([
  ['Sat, 07 Mar 2026 08:00:00 GMT', '2026-03-07T08:00:00Z'],
  ['Sat, 07 Mar 2026 08:00:00 +0300', '2026-03-07T05:00:00Z'],
  ['Sat, 07 Mar 2026 08:00:00 -03:30', '2026-03-07T11:30:00Z'],
  ['Sat, 07 Mar 2026 08:00:00 EST', '2026-03-07T13:00:00Z'],
  ['Sat, 07 Mar 2026 08:00:00 Z', '2026-03-07T08:00:00Z'],
  ['Sat, 07 Mar 2026 08:00:00 GMT+0300', '2026-03-07T05:00:00Z'],
  ['Sat, 07 Mar 2026 08:00:00 +3', '2026-03-07T05:00:00Z'],
  ['Sat, 07 Mar 2026 08:00:00 +0000 (UTC)', '2026-03-07T08:00:00Z'],
  ['7 Mar 26 08:00 UT', '2026-03-07T08:00:00Z'],
  ['7 Mar 97 08:00:00 +0000', '1997-03-07T08:00:00Z'],
  ['Monday, 7 March 2026 08:00:00 GMT', '2026-03-07T08:00:00Z'],
  ['Sa, 07 Mar 2026 08:00:00 +0100', '2026-03-07T07:00:00Z'],
  ['Thu,  07   Mar 2026  08:00:00 XYZ', '2026-03-07T08:00:00Z'],
  ['March 7, 2026 8:05 pm', '2026-03-07T20:05:00Z'],
  ['Sat Mar 7 2026 12:05 AM', '2026-03-07T00:05:00Z'],
  ['07-Mar-2026', '2026-03-07T00:00:00Z'],
  ['7th March 2026', '2026-03-07T00:00:00Z'],
  ['2026-03-07T08:00:00Z', '2026-03-07T08:00:00Z'],
  ['2026-03-07T08:00:00.123456+03:00', '2026-03-07T05:00:00Z'],
  ['2026-03-07T08:00+0300', '2026-03-07T05:00:00Z'],
  ['2026-03-07T08:00\u221203:00', '2026-03-07T11:00:00Z'],
  ['2026-03-07 08:00:00', '2026-03-07T08:00:00Z'],
  ['2026-03-07 08:00:00 UTC', '2026-03-07T08:00:00Z'],
  ['2026-03-07', '2026-03-07T00:00:00Z'],
  ['2026/3/7', '2026-03-07T00:00:00Z'],
  ['2026-03', '2026-03-01T00:00:00Z'],
  ['20260307T080000Z', '2026-03-07T08:00:00Z'],
  ['7. März 2026 08:00', '2026-03-07T08:00:00Z'],
  ['sam., 07 févr. 2026 08:00:00 +0100', '2026-02-07T07:00:00Z'],
  ['2 juin 2026', '2026-06-02T00:00:00Z'],
  ['7 de marzo de 2026', '2026-03-07T00:00:00Z'],
  ['7 марта 2026, 08:00', '2026-03-07T08:00:00Z'],
  ['Κυρ, 11 Ιούλ 2004 12:00:00 EST', '2004-07-11T17:00:00Z'],
  ['2004년 05월 28일 01:31:15', '2004-05-28T01:31:15Z'],
  ['2004-05-25 오후 11:23:17', '2004-05-25T23:23:17Z'],
  ['2026年3月7日 08:00', '2026-03-07T08:00:00Z'],
  ['Sun Jan  4 16:29:06 PST 2004', '2004-01-05T00:29:06Z'],
  ['Sun Jan 4 16:29:06 2004', '2004-01-04T16:29:06Z'],
  ['07.03.2026 08:00', '2026-03-07T08:00:00Z'],
  ['03/07/2026', '2026-03-07T00:00:00Z'],
  ['25/12/2026', '2026-12-25T00:00:00Z'],
  ['Sat, 03/07/2026 - 08:05', '2026-03-07T08:05:00Z'],
  ['Sat, 2026/03/07 08:00:00 EST', '2026-03-07T13:00:00Z'],
  ['March 7, 2026 - 8:05pm', '2026-03-07T20:05:00Z'],
  ['2026.03.07 08:00', '2026-03-07T08:00:00Z'],
  ['Sat,07 Mar 2026 08:00:00 GMT', '2026-03-07T08:00:00Z'],
  ['Sat , 07 Mar 2026 08:00:00 MEZ', '2026-03-07T07:00:00Z'],
  ['Sat, 07 Mar 2026 08:00:00 (PST)', '2026-03-07T16:00:00Z'],
  ['13/13/2026', undefined],
  ['0000-00-00 00:00:00', undefined],
  ['1772870400', '2026-03-07T08:00:00Z'],
  ['1772870400000', '2026-03-07T08:00:00Z'],
  ['Sun, 31 Dec 2028 23:59:60 GMT', '2029-01-01T00:00:00Z'],
  ['Sat, 07 Mar 2026 24:00:00 GMT', '2026-03-08T00:00:00Z'],
  ['30 Feb 2026', undefined],
  ['2026-02-30T00:00:00Z', undefined],
  ['2026-13-01', undefined],
  ['7 Abc 2026 08:00:00 GMT', undefined],
  ['Sat, 07 Mar 2026 25:00:00 GMT', undefined],
  ['0001-01-01T00:00:00Z', undefined],
  ['yesterday', undefined],
  ['Thu, 01 Jan 1970 00:00:00 +0000', undefined],
  ['1970-01-01T00:00:00-08:00', undefined],
  ['1970-01-02T00:00:00Z', '1970-01-02T00:00:00Z'],
  ['', undefined],
  [undefined, undefined],
])('%j is %s', (raw, expected) => {
  expect(read(raw)?.at).toEqual(expected === undefined ? undefined : new Date(expected));
});

test('a date written in any of the formats of feeds is read back, to the second', () => {
  const seconds = fc.date({ min: new Date('1970-01-02'), max: new Date('2190-01-01'), noInvalidDate: true });
  fc.assert(
    fc.property(seconds, (date) => {
      date.setUTCMilliseconds(0);
      expect(read(date.toUTCString())).toEqual({ at: date });
      expect(read(date.toISOString())).toEqual({ at: date });
    }),
  );
});

test('no text makes it throw or return an invalid date', () => {
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.stringMatching(/^[\d:+ -TZMar,]{0,30}$/)), (text) => {
      expect(read(text)?.at.getTime()).not.toBeNaN();
    }),
    { numRuns: 1000 },
  );
});

test.each<[string, ZoneHints, string, string | undefined]>([
  // Sure: the offset, a zone of one meaning, or one whose meaning the publication's zone or the feed's language tells.
  ['2026-03-07 08:00:00 +0700', { timeZone: 'Asia/Jakarta' }, '2026-03-07T01:00:00Z', undefined],
  ['Sat, 07 Mar 2026 08:00:00 EAT', { timeZone: 'Asia/Tokyo' }, '2026-03-07T05:00:00Z', undefined],
  ['Sat, 07 Mar 2026 08:00:00 CST', { timeZone: 'Asia/Shanghai' }, '2026-03-07T00:00:00Z', undefined],
  ['Sat, 07 Mar 2026 08:00:00 CST', { timeZone: 'America/Chicago' }, '2026-03-07T14:00:00Z', undefined],
  ['Sat, 07 Mar 2026 08:00:00 CST', { language: 'zh' }, '2026-03-07T00:00:00Z', undefined],
  ['Sat, 07 Mar 2026 08:00:00 EST', { language: 'en-us' }, '2026-03-07T13:00:00Z', undefined],
  ['Tue, 07 Jul 2026 08:00:00 BST', { timeZone: 'Europe/London' }, '2026-07-07T07:00:00Z', undefined],
  ['Sat, 07 Mar 2026 08:00:00 IST', { timeZone: 'Asia/Kolkata' }, '2026-03-07T02:30:00Z', undefined],
  ['Sat, 07 Mar 2026 08:00:00 AST', { language: 'ar-SA' }, '2026-03-07T05:00:00Z', undefined],
  // Unsure: the clock stood where the publication is, so that the day is the one that was written.
  ['Sat, 07 Mar 2026 08:00:00 WIB', { timeZone: 'Asia/Jakarta' }, '2026-03-07T01:00:00Z', 'WIB'],
  ['Sat, 07 Mar 2026 08:00:00', { timeZone: 'Asia/Tokyo' }, '2026-03-06T23:00:00Z', ''],
  ['2026-03-07', { timeZone: 'America/New_York' }, '2026-03-07T05:00:00Z', ''],
  ['Sat, 07 Mar 2026 08:00:00 CST', { timeZone: 'Africa/Nairobi' }, '2026-03-07T05:00:00Z', 'CST'],
  ['Sat, 07 Mar 2026 08:00:00 EST', { timeZone: 'Australia/Perth' }, '2026-03-07T00:00:00Z', 'EST'],
  [
    'Tue, 07 Jul 2026 08:00:00 EST',
    { timeZone: 'Australia/Sydney', language: 'en-US' },
    '2026-07-06T22:00:00Z',
    'EST',
  ],
  ['Sat, 07 Mar 2026 08:00:00 IST', { language: 'en' }, '2026-03-07T02:30:00Z', 'IST'],
  ['Sat, 07 Mar 2026 08:00:00 +9900', { timeZone: 'Asia/Tokyo' }, '2026-03-06T23:00:00Z', '+9900'],
  ['Sat, 07 Mar 2026 08:00:00', { timeZone: 'No/Such_Zone' }, '2026-03-07T08:00:00Z', ''],
])('%j, known %j, is %s, and its zone is unsure: %j', (raw, hints, at, unsureZone) => {
  const unsure = unsureZone === undefined ? {} : { unsureZone };
  expect(read(raw, hints)).toEqual({ at: new Date(at), ...unsure });
});
