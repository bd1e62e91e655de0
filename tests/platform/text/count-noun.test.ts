import { expect, test } from '@jest/globals';
import { countNoun } from '../../../src/platform/text/count-noun.js';

test.each([
  [0, 'reader', '0 readers'],
  [1, 'reader', '1 reader'],
  [2, 'key', '2 keys'],
  [1, 'address', '1 address'],
  [2, 'address', '2 addresses'],
  [2, 'batch', '2 batches'],
])('%i of "%s" are "%s"', (count, noun, counted) => {
  expect(countNoun(count, noun)).toBe(counted);
});
