import { describe, expect, test } from '@jest/globals';
import { placeholder } from '../../../../src/platform/mail/mime/placeholder.js';
import { writeSevenBitHtml, writeSevenBitValue } from '../../../../src/platform/mail/mime/seven-bit-html.js';

const link = placeholder('link');

describe('a page in ASCII', () => {
  test.each([
    ['plain words stay', '<p>One two</p>', '<p>One two</p>'],
    [
      'letters are references',
      '<p title="é">– 港 👋 \u00A0</p>',
      '<p title="&#233;">&#8211; &#28207; &#128075; &#160;</p>',
    ],
    ['half of a character becomes the sign for that', '<p>\ud83d</p>', '<p>&#65533;</p>'],
    ['blanks are one', '<p>a\n\n  b\tc</p>\n', '<p>a b c</p> '],
    [
      'line ends of code stay, and its blanks',
      '<pre>a\n  b\n\n\tc \n.d</pre>',
      '<pre>a\r\n &#32;b\r\n\r\n&#9;c&#32;\r\n&#46;d</pre>',
    ],
    [
      'line ends of an attribute are part of it',
      '<p title="a\nb  c">x</p>',
      '<p title="a&#10;b &#32;c">x</p>',
    ],
    [
      'a blank behind a placeholder is none that could be the second',
      `<p>a ${link} b</p>`,
      `<p>a ${link}&#32;b</p>`,
    ],
  ])('%s', (_what, html, written) => {
    expect(writeSevenBitHtml(html)).toBe(written);
  });

  test.each([
    ['a control code', '<p>a\u0092</p>'],
    ['letters in a style sheet', '<style>p::before{content:"–"}</style><p>x</p>'],
    ['letters in a comment', '<!-- é --><p>x</p>'],
    ['a word that is longer than a line', `<p>${'x'.repeat(1000)}</p>`],
    ['a line of code that is longer than a line of mail', `<pre>${'x '.repeat(500)}</pre>`],
    ['two values in one word', `<p>${link}${link}</p>`],
    ['a value that begins a line of code', `<pre>a\n${link}</pre>`],
    ['what looks like the line between two parts', '<p>--=_x</p>'],
    ['so many letters that Gmail would not show the end', `<p>${'é '.repeat(13_000)}</p>`],
    [
      'code so far from the edge that a filter takes its blanks for disguise',
      `<pre>a\n${' '.repeat(40)}b</pre>`,
    ],
    ['an element that only browsers read', '<script>a</script>'],
  ])('none is made of %s', (_what, html) => {
    expect(writeSevenBitHtml(html)).toBeUndefined();
  });
});

describe('lines', () => {
  const words = (some: string, count: number) => Array.from({ length: count }, () => some).join(' ');
  const linesOf = (html: string) => (writeSevenBitHtml(html) ?? '').split('\r\n');

  test('are broken between words and between attributes, and are no longer than a mail may have them', () => {
    const html = `<p>${words('harbour', 400)}</p><p ${words('a=b', 400)}>x</p>`;
    const lines = linesOf(html);
    expect(lines.length).toBeGreaterThan(4);
    expect(Math.max(...lines.map(({ length }) => length))).toBeLessThanOrEqual(998);
    expect(lines.join(' ')).toBe(html);
  });

  test('are not broken in what is quoted, in a string of a style sheet, or beside a placeholder', () => {
    const quoted = words('ab', 300);
    expect(linesOf(`<p>${words('ab', 200)}</p><img alt="${quoted}">`)).toContain(`alt="${quoted}">`);
    const sheet = `<style>${'p{margin:0 0 1px}'.repeat(50)}p{font-family:'${words('Book', 30)}'}</style><p>x</p>`;
    expect(linesOf(sheet).join('\n')).toContain(`'${words('Book', 30)}'`);
    for (let count = 300; count < 340; count += 1) {
      const [last = ''] = linesOf(`<p>${words('ab', count)} ${link} and</p>`).slice(-1);
      expect(last).toContain(`ab ${link}&#32;and`);
    }
  });

  test('have room for a value of 800 octets', () => {
    for (let count = 1; count < 340; count += 1) {
      const lines = linesOf(
        `<p>${words('ab', count)} <a href="${link}">link</a> ${words('ab', 340 - count)}</p>`,
      );
      const filled = lines.map((line) => line.replace(link, 'x'.repeat(800)));
      expect(Math.max(...filled.map(({ length }) => length))).toBeLessThanOrEqual(998);
    }
  });

  test('begin with no dot, and with nothing that a mailbox takes for the next mail', () => {
    for (const word of ['.x', 'From y'])
      for (let count = 320; count < 340; count += 1) {
        const html = `<p>${words('ab', count)} ${words(word, 100)}</p>`;
        expect(linesOf(html).join(' ')).toBe(html);
        expect(linesOf(html).join('\n')).not.toMatch(/^(?:\.|From )/m);
      }
  });
});

describe('a value', () => {
  test.each([
    ['', ''],
    ['3 March 2026', '3 March 2026'],
    ['https://a.example/?a=1&b=2', 'https://a.example/?a=1&#38;b=2'],
    ['٣ مارس', '&#1635; &#1605;&#1575;&#1585;&#1587;'],
    [' a  b\n', '&#32;a&#32; b&#10;'],
    ['<b>"\'', '&#60;b&#62;&#34;&#39;'],
    ['a\u0092\0', 'a&#65533;&#65533;'],
  ])('%j is written as %j, each time', (value, written) => {
    expect([writeSevenBitValue(value), writeSevenBitValue(value)]).toEqual([written, written]);
  });

  test('may be an address that is longer than a line: it is broken where nobody sees it', () => {
    const address = `ada@${'港'.repeat(55)}.${'港'.repeat(55)}.${'港'.repeat(55)}.example`;
    const written = writeSevenBitValue(address);
    expect(Math.max(...written.split('\r\n').map(({ length }) => length))).toBeLessThanOrEqual(900);
    expect(written).toMatch(/;<wbr\r\n>&#/);
    expect(written).not.toMatch(/&#\d*<|<wbr\r\n>[^&.]*;/);
    expect(written.replaceAll('<wbr\r\n>', '').replaceAll('&#28207;', '港')).toBe(address);
  });

  test('that is a link too long for a line is refused, with an error that does not have it', () => {
    expect(() => writeSevenBitValue(`https://secret.example/${'x'.repeat(900)}`)).toThrow(
      /^A value is too long/,
    );
  });
});
