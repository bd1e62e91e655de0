import { randomUUID } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { Tx } from '../../../src/platform/db/database.js';
import { checkJob, jobNames, laneOf, lanes, secondsBetween } from '../../../src/platform/jobs/contract.js';
import { enqueue } from '../../../src/platform/jobs/outbox.js';

describe('the contract of the jobs', () => {
  test('accepts a payload of ids', () => {
    const payload = { digestId: randomUUID(), batch: 3 };
    expect(checkJob('send-batch', payload)).toEqual({ name: 'send-batch', payload });
  });

  test.each([
    ['a missing id', 'send-notice', {}],
    ['an id that is none', 'send-notice', { noticeId: 'reader@example.com' }],
    ['something beside the id', 'send-notice', { noticeId: randomUUID(), email: 'reader@example.com' }],
    ['half a batch', 'send-batch', { digestId: randomUUID(), batch: 0.5 }],
    ['anything for repeated work', 'sweep', { hurry: true }],
    ['no payload at all', 'sweep', null],
    ['a name it does not know', 'paint-house', {}],
    ['a name every object has', 'constructor', {}],
  ])('refuses %s', (_, name, payload) => {
    expect(checkJob(name, payload)).toBeUndefined();
  });

  test('never throws, whatever comes in', () => {
    fc.assert(
      fc.property(fc.constantFrom(...jobNames, 'toString'), fc.anything(), (name, payload) => {
        checkJob(name, payload);
      }),
    );
  });

  test('gives every job a lane', () => {
    expect(jobNames.filter((name) => !lanes.includes(laneOf(name)))).toEqual([]);
  });

  test('repeats only work that needs no payload', () => {
    const repeated = jobNames.filter((name) => secondsBetween(name) !== undefined);
    expect(repeated).toHaveLength(9);
    expect(repeated.filter((name) => checkJob(name, {}) === undefined)).toEqual([]);
  });

  test('is checked by the compiler on the way out', () => {
    const promises = (tx: Tx, now: Date) => [
      enqueue(tx, 'send-batch', { digestId: randomUUID(), batch: 1 }, now),
      // @ts-expect-error another job's payload
      enqueue(tx, 'send-batch', { noticeId: randomUUID() }, now),
      // @ts-expect-error a name that is not in the contract
      enqueue(tx, 'paint-house', {}, now),
      // @ts-expect-error more than the ids
      enqueue(tx, 'send-notice', { noticeId: randomUUID(), email: 'reader@example.com' }, now),
    ];
    expect(promises).toBeInstanceOf(Function);
  });
});
