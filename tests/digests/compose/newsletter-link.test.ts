import { expect, test } from '@jest/globals';
import { markNewsletterLink } from '../../../src/digests/compose/newsletter-link.js';

const site = 'https://www.lantern.example/';

test.each([
  ['https://lantern.example/high-water', 'https://lantern.example/high-water?nl'],
  ['https://lantern.example/a?page=2&q=%20x#end', 'https://lantern.example/a?page=2&q=%20x#end'],
  ['https://lantern.example/a#end', 'https://lantern.example/a?nl#end'],
  ['https://www.lantern.example/a?nl', 'https://www.lantern.example/a?nl'],
  ['https://elsewhere.example/a', 'https://elsewhere.example/a'],
  ['https://lantern.example.evil.example/a', 'https://lantern.example.evil.example/a'],
  ['not an address', 'not an address'],
  [null, null],
])('%s is linked to as %s', (url, linked) => {
  expect(markNewsletterLink(url, site)).toBe(linked);
});
