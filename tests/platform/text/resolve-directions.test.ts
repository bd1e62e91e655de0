import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { firstStrongDirection } from '../../../src/platform/text/direction.js';
import { resolveDirections } from '../../../src/platform/text/resolve-directions.js';

const inPart = (html: string) => `<div dir="auto">${html}</div>`;

describe('the direction of a text is that of its first strong letter', () => {
  test.each([
    ['The harbour', 'ltr'],
    ['المرفأ', 'rtl'],
    ['הנמל', 'rtl'],
    ['بندرگاه in Persian', 'rtl'],
    ['ޗަނޑު', 'rtl'],
    ['𞤀𞤣𞤤𞤢𞤥', 'rtl'],
    ['ߒߞߏ', 'rtl'],
    ['港の知らせ', 'ltr'],
    ['«12:30» – المرفأ', 'rtl'],
    ['٢٠٢٦ harbour', 'ltr'],
    ['🙂 المرفأ and more', 'rtl'],
    ['\u200fABC', 'rtl'],
    ['\u2067المرفأ\u2069 is Arabic', 'ltr'],
    ['12 – 14', undefined],
    ['', undefined],
  ])('%j: %s', (text, expected) => {
    expect(firstStrongDirection(text)).toBe(expected);
  });
});

test('each text block of a part with dir="auto" gets its own direction, and lists and quotes that of their beginning', () => {
  const html =
    '<h3>المرفأ</h3><p>The harbour said: مرحبا</p><blockquote><p>قال كذا</p></blockquote>' +
    '<ul><li>واحد</li><li>Two</li></ul><table><tr><td>١</td><td>اثنان</td></tr></table><figure><figcaption>A boat</figcaption></figure>';
  expect(resolveDirections(inPart(html), 'ltr')).toBe(
    '<div dir="rtl"><h3 dir="rtl">المرفأ</h3><p dir="ltr">The harbour said: مرحبا</p>' +
      '<blockquote dir="rtl"><p dir="rtl">قال كذا</p></blockquote>' +
      '<ul dir="rtl"><li dir="rtl">واحد</li><li dir="ltr">Two</li></ul>' +
      '<table dir="rtl"><tr><td>١</td><td dir="rtl">اثنان</td></tr></table>' +
      '<figure><figcaption dir="ltr">A boat</figcaption></figure></div>',
  );
});

test('what has a direction of its own keeps it, and its text says nothing of what is around it', () => {
  const html =
    '<blockquote><p dir="ltr">مرحبا</p>Harbour</blockquote><p dir="RTL">Harbour</p><p dir="auto">مرحبا</p>';
  expect(resolveDirections(inPart(html), 'ltr')).toBe(
    '<div dir="ltr"><blockquote dir="ltr"><p dir="ltr">مرحبا</p>Harbour</blockquote><p dir="rtl">Harbour</p>' +
      '<p dir="rtl">مرحبا</p></div>',
  );
});

test('code stays from left to right, and does not turn the sentence that begins with it', () => {
  expect(resolveDirections(inPart('<p><code>npm start</code> يبدأ</p><pre>// مرحبا</pre>'), 'ltr')).toBe(
    '<div dir="rtl"><p dir="rtl"><code dir="ltr">npm start</code> يبدأ</p><pre dir="ltr">// مرحبا</pre></div>',
  );
});

test('a text from left to right needs nothing in a page that is too; in one from right to left each block says so', () => {
  const html = '<p>One &amp; two</p><ul><li>12</li></ul>';
  expect(resolveDirections(inPart(html), 'ltr')).toBe(`<div>${html}</div>`);
  expect(resolveDirections(inPart(html), 'rtl')).toBe(
    '<div dir="ltr"><p dir="ltr">One &amp; two</p><ul><li>12</li></ul></div>',
  );
});

test('a text from left to right says so where something around it is from right to left', () => {
  const html =
    '<div dir="rtl"><p dir="auto">One</p></div><div dir="auto"><p dir="rtl">Two <b dir="auto">three</b></p></div>';
  expect(resolveDirections(html, 'ltr')).toBe(
    '<div dir="rtl"><p dir="ltr">One</p></div><div><p dir="rtl">Two <b dir="ltr">three</b></p></div>',
  );
});

test('a part without letters has the direction of the page, and nothing outside of parts is touched', () => {
  const html =
    '<p>مرحبا</p><!-- <p dir="auto"> --><p dir="auto">12 – 14</p><br><input dir="auto"><p>مرحبا</p>';
  expect(resolveDirections(html, 'rtl')).toBe(html.replace('<p dir="auto">12', '<p>12'));
});

test('a second time changes nothing, and no text is lost, however the tags are nested', () => {
  const pieces = fc.constantFrom(
    '<p>',
    '</p>',
    '<ul>',
    '<li>',
    '</li>',
    '</ul>',
    '<div dir="auto">',
    '</div>',
    '<code>',
    '</code>',
    '<br>',
    'a',
    'م',
    '1 ',
  );
  fc.assert(
    fc.property(fc.array(pieces), fc.constantFrom('ltr' as const, 'rtl' as const), (html, outer) => {
      const once = resolveDirections(html.join(''), outer);
      expect(resolveDirections(once, outer)).toBe(once);
      expect(once.replace(/<[^>]*>/g, '')).toBe(html.join('').replace(/<[^>]*>/g, ''));
    }),
  );
});
