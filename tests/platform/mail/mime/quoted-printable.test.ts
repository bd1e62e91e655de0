import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { encodeQuotedPrintable } from '../../../../src/platform/mail/mime/quoted-printable.js';

test.each([
  ['plain words stay as they are', 'Five new articles', 'Five new articles'],
  ['an equals sign is encoded', 'a=b', 'a=3Db'],
  ['a dot that begins a line is encoded, others are not', '.a.b\n.', '=2Ea.b\r\n=2E'],
  ['blanks at the end, second blanks and tabs are encoded', 'a  b \n\tc ', 'a =20b=20\r\n=09c=20'],
  ['every line end becomes CRLF', 'a\nb\rc\r\nd\n', 'a\r\nb\r\nc\r\nd\r\n'],
  ['a long word is cut', 'x'.repeat(160), `${'x'.repeat(75)}=\r\n${'x'.repeat(75)}=\r\n${'x'.repeat(10)}`],
  ['a dot that comes to begin a line is encoded', `${'x'.repeat(75)}.x`, `${'x'.repeat(75)}=\r\n=2Ex`],
  [
    'other letters are UTF-8, in one line each',
    `${'x'.repeat(70)}ü👋`,
    `${'x'.repeat(70)}=\r\n=C3=BC=F0=9F=91=8B`,
  ],
  ['half of a character becomes the sign for that', '\ud83d', '=EF=BF=BD'],
  ['nothing stays nothing', '', ''],
])('%s', (_what, words, encoded) => {
  expect(encodeQuotedPrintable(words)).toBe(encoded);
});

test('lines leave room for a soft break, and decode to the text', () => {
  const unit = fc.constantFrom(
    '.',
    '=',
    ' ',
    'a',
    'ü',
    '👋',
    '\t',
    '\n',
    'word ',
    'x'.repeat(75),
    'x'.repeat(30),
  );
  fc.assert(
    fc.property(fc.string({ unit, maxLength: 60 }), (words) => {
      const lines = encodeQuotedPrintable(words).split('\r\n');
      for (const line of lines) expect(line).toMatch(/^(?![.])[!-~ ]{0,75}(=?)$/);
      const octets = lines
        .join('\n')
        .replace(/=\n/g, '')
        .replace(/=([0-9A-F]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
      expect(Buffer.from(octets, 'latin1').toString()).toBe(words);
    }),
  );
});
