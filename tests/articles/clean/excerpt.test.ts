import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { excerpt, readingMinutes } from '../../../src/articles/clean/excerpt.js';

test('an excerpt is one line of plain text', () => {
  const html =
    '<h2>Spring</h2>\n<p>The  <b>boats</b> are\nback.<br>All <a href="https://a.example">of them</a>.</p>';
  expect(excerpt(html, 200)).toBe('The boats are back. All of them.');
});

test('headings, code, tables and lone links are no beginning, unless there is nothing else', () => {
  const rest =
    '<pre>let a;</pre><table><tr><td>1</td></tr></table><p><a href="https://f.example">f.example</a></p>';
  expect(excerpt(`<h2>Spring</h2>${rest}<p>Boats.</p>`, 200)).toBe('Boats.');
  expect(excerpt(`<h2>Spring</h2>${rest}`, 200)).toBe('Spring let a; 1 f.example');
  expect(readingMinutes(`<pre>${'word '.repeat(460)}</pre>`)).toBe(2);
});

test('pictures, captions, scripts and link targets are no words', () => {
  const html =
    '<figure><img src="https://a.example/a.png" alt="A boat"><figcaption>Photo: A</figcaption></figure>' +
    '<script>x()</script><style>p{}</style><p>Words</p><hr><ul><li>one</li><li>two</li></ul><blockquote>said</blockquote>';
  expect(excerpt(html, 200)).toBe('Words one two said');
});

test('entities are read once', () => {
  expect(excerpt('<p>Fish &amp; chips &lt;3 &amp;amp; &#8217;</p>', 200)).toBe('Fish & chips <3 &amp; ’');
});

test.each([
  ['after a sentence', 'One two three. Four five six seven.', 20, 'One two three.'],
  [
    'after the last sentence that fits',
    'One two. Three four. Five six seven eight.',
    24,
    'One two. Three four.',
  ],
  [
    'after a word when the sentence is too short',
    'Yes no. And then a very long sentence follows',
    30,
    'Yes no. And then a very long…',
  ],
  ['after a short word', 'This is how it is. And so it was in the beginning', 25, 'This is how it is.'],
  ['after a question of short words', 'You and me? All of us were there', 20, 'You and me?'],
  ['not after "vs."', 'The town vs. The harbour and the sea', 20, 'The town vs. The…'],
  ['not after a mark within a sentence', 'She asked “why?” and then went away', 24, 'She asked “why?” and…'],
  ['after an Arabic question', 'هل عادت القوارب؟ نعم عادت كلها أمس', 22, 'هل عادت القوارب؟'],
  ['not after an abbreviation', 'Ask Mr. Smith about all the boats', 14, 'Ask Mr. Smith…'],
  ['after a quoted sentence', '“We are back.” They said so to everybody', 20, '“We are back.”'],
  ['without a comma before the dots', 'One two three, four five', 16, 'One two three…'],
  ['within a word as long as the room', 'Donaudampfschifffahrtsgesellschaft', 10, 'Donaudamp…'],
  ['not at all when it fits', 'One two', 7, 'One two'],
  ['after a Chinese sentence', '春天来了。船都回来了，大家都很高兴。', 8, '春天来了。'],
])('a text is cut %s', (_, text, length, expected) => {
  expect(excerpt(`<p>${text}</p>`, length)).toBe(expected);
});

test('no emoji, flag or accent is torn', () => {
  expect(excerpt('👩‍👩‍👧‍👦👩‍👩‍👧‍👦', 15)).toBe('👩‍👩‍👧‍👦…');
  expect(excerpt('🇰🇪🇰🇪🇰🇪', 7)).toBe('🇰🇪…');
  expect(excerpt('e\u0301e\u0301e\u0301', 4)).toBe('e\u0301…');
});

test('an excerpt fits, is well formed and holds no control characters, whatever went in', () => {
  const text = fc.string({ unit: 'binary', maxLength: 200 });
  fc.assert(
    fc.property(text, fc.integer({ min: 0, max: 60 }), (html, length) => {
      const short = excerpt(html, length);
      expect(short.length).toBeLessThanOrEqual(length);
      expect(short).not.toMatch(/[\p{Cc}\p{Surrogate}]/u);
      expect(short).toBe(short.trim());
    }),
    { numRuns: 1000 },
  );
});

test('reading takes a minute for 230 words, and at least one', () => {
  expect(readingMinutes('')).toBe(1);
  expect(readingMinutes(`<p>${'word '.repeat(230)}</p>`)).toBe(1);
  expect(readingMinutes(`<p>${"it's well-known ".repeat(1150)}</p>`)).toBe(10);
  expect(readingMinutes(`<p>${'春'.repeat(1500)}</p>`)).toBe(3);
});
