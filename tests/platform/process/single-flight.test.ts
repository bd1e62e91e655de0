import { expect, test } from '@jest/globals';
import { singleFlight } from '../../../src/platform/process/single-flight.js';

function counting() {
  const asked: string[] = [];
  const ask = singleFlight(async (key) => {
    asked.push(key);
    await new Promise((resolve) => setTimeout(resolve, 20));
    if (key === 'broken') throw new Error('no answer');
    return `${key} ${asked.length}`;
  });
  return { ask, asked };
}

test('a call for the same key while one is running gets its result, other keys their own', async () => {
  const { ask, asked } = counting();
  const answers = await Promise.all([ask('lantern'), ask('gazette'), ask('lantern'), ask('lantern')]);
  expect(asked).toEqual(['lantern', 'gazette']);
  expect(answers).toEqual([answers[0], answers[1], answers[0], answers[0]]);
});

test('nothing is cached: the next call runs again, also after a failure', async () => {
  const { ask, asked } = counting();
  expect(await ask('lantern')).toBe('lantern 1');
  expect(await ask('lantern')).toBe('lantern 2');
  const both = await Promise.allSettled([ask('broken'), ask('broken')]);
  expect(both.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
  await expect(ask('broken')).rejects.toThrow('no answer');
  expect(asked).toEqual(['lantern', 'lantern', 'broken', 'broken']);
});
