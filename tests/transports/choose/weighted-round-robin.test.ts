import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  chooseTransport,
  initialRoundRobinState,
  type RoundRobinState,
} from '../../../src/transports/choose/weighted-round-robin.js';

type Server = { id: number; limits: { weight: number } };

const servers = (...weights: number[]): Server[] =>
  weights.map((weight, at) => ({ id: at + 1, limits: { weight } }));

function choices(from: readonly Server[], howOften: number, start: RoundRobinState = new Map()): number[] {
  let turns = start;
  return Array.from({ length: howOften }, () => {
    const turn = chooseTransport(from, turns);
    turns = turn?.turns ?? turns;
    return turn?.chosen.id ?? 0;
  });
}

test('servers take turns by weight, and not in blocks', () => {
  expect(choices(servers(5, 1, 1), 7)).toEqual([1, 1, 2, 1, 3, 1, 1]);
  expect(choices(servers(1, 1), 4)).toEqual([1, 2, 1, 2]);
});

test('without a candidate there is no choice, and one alone is always chosen', () => {
  expect(chooseTransport([], new Map())).toBeUndefined();
  expect(choices(servers(3), 3)).toEqual([1, 1, 1]);
});

test('a server that could not be chosen for a while does not catch up', () => {
  const [one, two] = servers(1, 1);
  if (one === undefined || two === undefined) throw new Error('two servers');
  let turns: RoundRobinState = new Map();
  for (let times = 0; times < 100; times += 1) turns = chooseTransport([one], turns)?.turns ?? turns;
  const after = choices([one, two], 10, turns);
  expect(after.filter((id) => id === two.id)).toHaveLength(5);
});

const weight = fc.oneof(fc.integer({ min: 1, max: 40 }), fc.constantFrom(0.01, 0.5, 2.5, 1e9));
const weights = fc.array(weight, { minLength: 1, maxLength: 6 });
const random = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });

test('property: at every moment each has had its share, give or take a few', () => {
  fc.assert(
    fc.property(weights, random, fc.integer({ min: 1, max: 400 }), (each, start, howOften) => {
      const all = servers(...each);
      const total = each.reduce((sum, weight) => sum + weight, 0);
      const had = choices(all, howOften, initialRoundRobinState(all, start));
      for (const { id, limits } of all) {
        const share = (howOften * limits.weight) / total;
        const count = had.filter((one) => one === id).length;
        expect(Math.abs(count - share)).toBeLessThanOrEqual(all.length);
      }
    }),
  );
});

test('property: the same state chooses the same server, and is not changed by it', () => {
  fc.assert(
    fc.property(weights, random, (each, start) => {
      const all = servers(...each);
      const turns = initialRoundRobinState(all, start);
      const before = [...turns];
      const first = chooseTransport(all, turns);
      expect(chooseTransport(all, turns)).toEqual(first);
      expect([...turns]).toEqual(before);
    }),
  );
});

test.each([
  [1, 1],
  [3, 1],
  [5, 3, 2],
  [0.5, 0.25],
])('restarted before every choice, each still gets its share of %j and %j', (...each) => {
  const all = servers(...each);
  const total = each.reduce((sum, one) => sum + one, 0);
  const first = Array.from(
    { length: 1_000 },
    (_, at) => choices(all, 1, initialRoundRobinState(all, (at + 0.5) / 1_000))[0],
  );
  for (const { id, limits } of all) {
    const share = first.filter((one) => one === id).length / first.length;
    expect(share).toBeCloseTo(limits.weight / total, 2);
  }
});
