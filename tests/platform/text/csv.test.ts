import { expect, test } from '@jest/globals';
import { csvLine } from '../../../src/platform/text/csv.js';

test('every cell is quoted, and what a spreadsheet would run stays text', () => {
  expect(csvLine(['plain', 7, null, 'a "quote", a comma\nand a line'])).toBe(
    '"plain","7","","a ""quote"", a comma\nand a line"\r\n',
  );
  const formulas = ['=1+1', '+41', '-2', '@SUM(A1)', '\t=1', '\r=1', '  =1', '\n+1'];
  expect(csvLine(formulas)).toBe(`${formulas.map((one) => `"'${one}"`).join(',')}\r\n`);
  expect(csvLine([-2, 'a=b', 'x@example.org', '\'="'])).toBe(`"-2","a=b","x@example.org","'="""\r\n`);
});
