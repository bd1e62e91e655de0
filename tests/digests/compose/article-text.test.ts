import { expect, test } from '@jest/globals';
import { articleText } from '../../../src/digests/compose/article-text.js';

test('a picture is its description in brackets, one without is nothing', () => {
  const picture = '<img src="https://b.example/a.jpg" alt="The buoy at dawn" />';
  expect(
    articleText(`<p>a</p><p>${picture}</p><p><img src="https://b.example/b.jpg" alt=" " /></p><p>b</p>`),
  ).toBe('a\n\n[The buoy at dawn]\n\nb');
  expect(articleText(`<p><a href="https://b.example/large.jpg">${picture}</a></p>`)).toBe(
    '[The buoy at dawn]',
  );
});

test('a figure and its caption stand apart from the words around them, code keeps its blanks', () => {
  const figure =
    '<figure><img src="https://b.example/a.jpg" alt="The buoy" /><figcaption>At dawn</figcaption></figure>';
  expect(articleText(`<p>a</p>${figure}<pre dir="ltr"><code dir="ltr">if\n  x</code></pre>`)).toBe(
    'a\n\n[The buoy]\n\nAt dawn\n\n    if\n      x',
  );
});
