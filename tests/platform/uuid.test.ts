import { expect, test } from '@jest/globals';
import { uuidv7 } from '../../src/platform/uuid.js';

test('ids sort in the order they were made, however many there are in one moment, and when the clock goes back', () => {
  // Later than all ids that this process has made before.
  const at = new Date(madeAt(uuidv7(new Date(0))) + 1000);
  const ids = Array.from({ length: 10_000 }, () => uuidv7(at));
  ids.push(uuidv7(new Date(at.getTime() - 1000)), uuidv7(new Date(at.getTime() + 60_000)));
  expect(ids.toSorted()).toEqual(ids);
  expect(new Set(ids).size).toBe(ids.length);
  for (const id of ids)
    expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  expect(madeAt(ids[0] ?? '')).toBe(at.getTime());
});

function madeAt(id: string): number {
  return Number.parseInt(id.replaceAll('-', '').slice(0, 12), 16);
}
