import { expect, test } from '@jest/globals';
import { describeHold } from '../../../src/articles/release/describe-hold.js';
import { operatorWords } from '../../support/operator-words.js';

test.each([
  ['same-address', 1, 'An article with the same address is out already, or about to be.'],
  ['same-address', 2, 'Articles with the same addresses are out already, or about to be.'],
  ['same-title', 2, 'Articles with the same titles are out already, or about to be.'],
] as const)('a hold for %s of %i says so', (code, heldItems, sentence) => {
  expect(describeHold({ code, newItems: 3, totalItems: 9, heldItems }, operatorWords)).toBe(sentence);
});
