import { randomUUID } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { Tx } from '../../../src/platform/db/database.js';
import { parseJob, jobNames, queueOf, queueNames } from '../../../src/platform/jobs/definitions.js';
import { enqueue } from '../../../src/platform/jobs/outbox.js';
import { repeatingJobNames } from '../../../src/platform/jobs/schedules.js';

describe('the definitions of jobs', () => {
  test('accepts a payload of ids', () => {
    const payload = { digestId: randomUUID(), batch: 3 };
    expect(parseJob('send-batch', payload)).toEqual({ name: 'send-batch', payload });
  });

  test.each([
    ['a missing id', 'send-notice', {}],
    ['an id that is none', 'send-notice', { noticeId: 'reader@example.com' }],
    ['something beside the id', 'send-notice', { noticeId: randomUUID(), email: 'reader@example.com' }],
    ['half a batch', 'send-batch', { digestId: randomUUID(), batch: 0.5 }],
    ['anything for a repeating job', 'sweep', { hurry: true }],
    ['no payload at all', 'sweep', null],
    ['a name it does not know', 'paint-house', {}],
    ['a name every object has', 'constructor', {}],
  ])('refuses %s', (_, name, payload) => {
    expect(parseJob(name, payload)).toBeUndefined();
  });

  test('never throws, whatever comes in', () => {
    fc.assert(
      fc.property(fc.constantFrom(...jobNames, 'toString'), fc.anything(), (name, payload) => {
        parseJob(name, payload);
      }),
    );
  });

  test('gives every job a queue', () => {
    expect(jobNames.filter((name) => !queueNames.includes(queueOf(name)))).toEqual([]);
  });

  test('repeats only jobs that need no payload', () => {
    expect(repeatingJobNames).toHaveLength(20);
    expect(repeatingJobNames.filter((name) => parseJob(name, {}) === undefined)).toEqual([]);
  });

  test('is checked by the compiler on the way out', () => {
    const calls = (tx: Tx, now: Date) => [
      enqueue(tx, 'send-batch', { digestId: randomUUID(), batch: 1 }, now),
      // @ts-expect-error another job's payload
      enqueue(tx, 'send-batch', { noticeId: randomUUID() }, now),
      // @ts-expect-error a name that is not defined
      enqueue(tx, 'paint-house', {}, now),
      // @ts-expect-error more than the ids
      enqueue(tx, 'send-notice', { noticeId: randomUUID(), email: 'reader@example.com' }, now),
    ];
    expect(calls).toBeInstanceOf(Function);
  });
});
