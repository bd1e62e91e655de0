import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';

const src = join(import.meta.dirname, '../../src');

/** Functions of `writes.ts` files whose statement gives deliveries a state, by name. */
function listMovingFunctions(): Map<string, string> {
  const moving = new Map<string, string>();
  for (const file of readdirSync(src, { recursive: true, encoding: 'utf8' }).filter((name) =>
    name.endsWith('writes.ts'),
  )) {
    const functions = readFileSync(join(src, file), 'utf8').split(/^(?=export (?:async )?function )/m);
    for (const text of functions)
      if (/insert into deliveries\b|update deliveries\b[^`]*?\bset state = /.test(text))
        moving.set(/function (\w+)/.exec(text)?.[1] ?? file, text);
  }
  return moving;
}

test('every statement that gives deliveries a state counts them, or those who call it do', () => {
  const moving = listMovingFunctions();
  expect(moving.size).toBeGreaterThanOrEqual(14);
  const uncounted = [...moving].filter(([, text]) => !text.includes('countMoved(')).map(([name]) => name);
  expect(uncounted).toEqual(['writeResults']);
  expect(readFileSync(join(src, 'deliveries/record-results.ts'), 'utf8')).toContain('countMoved(');
});
