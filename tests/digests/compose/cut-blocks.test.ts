import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { cutBlocks } from '../../../src/digests/compose/cut-blocks.js';

test('keeps whole blocks up to the last that fits', () => {
  const html = '<p>One</p><ul><li>a<br>b</li><li>c</li></ul><p>Three</p>';
  expect(cutBlocks(html, html.length)).toBe(html);
  expect(cutBlocks(html, html.length - 1)).toBe('<p>One</p><ul><li>a<br>b</li><li>c</li></ul>');
  expect(cutBlocks(html, 40)).toBe('<p>One</p>');
  expect(cutBlocks(html, 9)).toBe('');
  expect(cutBlocks('', 0)).toBe('');
});

test('the result is a beginning of the text, never too long, with every tag closed', () => {
  const blocks = fc.array(
    fc.constantFrom('<p>Words</p>', '<hr />', '<ul><li>One<br>two</li></ul>', '<div><p>In</p></div>', ' '),
    { maxLength: 30 },
  );
  fc.assert(
    fc.property(blocks, fc.nat(400), (all, most) => {
      const html = all.join('');
      const cut = cutBlocks(html, most);
      expect(cut.length).toBeLessThanOrEqual(most);
      expect(html.startsWith(cut)).toBe(true);
      const tags = (pattern: RegExp) => (cut.match(pattern) ?? []).length;
      expect(tags(/<(?:p|ul|li|div)>/g)).toBe(tags(/<\/(?:p|ul|li|div)>/g));
    }),
  );
});
