import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { parseFeedDate } from '../../src/articles/parse-feed-date.js';

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
  ['', undefined],
  [undefined, undefined],
])('%j is %s', (raw, expected) => {
  expect(parseFeedDate(raw)).toEqual(expected === undefined ? undefined : new Date(expected));
});

test('every date comes back from the ways feeds write it, to the second', () => {
  const seconds = fc.date({ min: new Date('1970-01-02'), max: new Date('2190-01-01'), noInvalidDate: true });
  fc.assert(
    fc.property(seconds, (date) => {
      date.setUTCMilliseconds(0);
      expect(parseFeedDate(date.toUTCString())).toEqual(date);
      expect(parseFeedDate(date.toISOString())).toEqual(date);
    }),
  );
});

test('no text throws or makes an invalid date', () => {
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.stringMatching(/^[\d:+ -TZMar,]{0,30}$/)), (text) => {
      expect(parseFeedDate(text)?.getTime()).not.toBeNaN();
    }),
    { numRuns: 1000 },
  );
});
