import { expect, test } from '@jest/globals';
import { uuidv7 } from '../../src/platform/uuid.js';

test('ids sort in the order they were made, however many there are in one moment, and when the clock goes back', () => {
  const at = new Date('2026-11-22T09:00:00Z');
  const ids = Array.from({ length: 10_000 }, () => uuidv7(at));
  ids.push(uuidv7(new Date(at.getTime() - 1000)), uuidv7(new Date(at.getTime() + 60_000)));
  expect(ids.toSorted()).toEqual(ids);
  expect(new Set(ids).size).toBe(ids.length);
  for (const id of ids)
    expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  expect(Number.parseInt(ids[0]?.replaceAll('-', '').slice(0, 12) ?? '', 16)).toBe(at.getTime());
});
