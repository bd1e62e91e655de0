import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { documentedKinds } from './documented-kinds.js';

const page = readFileSync(join(import.meta.dirname, '../../../docs/history.md'), 'utf8');

test('the page about history has every kind of change as the code has it, and no other', () => {
  const rows = page
    .split('\n')
    .filter((line) => line.startsWith('| `'))
    .map((line) => line.split('|').map((cell) => cell.trim()));
  expect(rows.map((cells) => cells.slice(1, -1))).toEqual(documentedKinds());
});
