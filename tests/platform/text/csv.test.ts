import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { csvLine, plainCell } from '../../../src/platform/text/csv.js';
import { seed } from '../../support/seed.js';

test('every cell is quoted, and what a spreadsheet would run stays text', () => {
  expect(csvLine(['plain', 7, null, 'a "quote", a comma\nand a line'])).toBe(
    '"plain","7","","a ""quote"", a comma\nand a line"\r\n',
  );
  const formulas = [
    '=1+1',
    '+41',
    '-2',
    '@SUM(A1)',
    '\t=1',
    '\r=1',
    '  =1',
    '\n+1',
    '＝1',
    '＋1',
    '－1',
    '＠a',
  ];
  expect(csvLine(formulas)).toBe(`${formulas.map((one) => `"'${one}"`).join(',')}\r\n`);
  expect(csvLine([-2, 'a=b', 'x@example.org', '\'="'])).toBe(`"-2","a=b","x@example.org","''="""\r\n`);
});

test('what is read of a cell is what was written, whatever it begins with', () => {
  const beginning = fc.constantFrom(
    '',
    "'",
    "''",
    '=',
    '+',
    '-',
    '@',
    '＝',
    '＋',
    '－',
    '＠',
    '＇',
    '\t',
    '\r',
    '\n',
    ' ',
    ' =',
  );
  fc.assert(
    fc.property(beginning, fc.string(), (first, rest) => {
      const text = first + rest;
      const written = csvLine([text]).slice(1, -3).replaceAll('""', '"');
      expect(written).not.toMatch(/^\s*[=+\-@＝＋－＠]/);
      expect(plainCell(written)).toBe(text);
    }),
    { seed },
  );
});
