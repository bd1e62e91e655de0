import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { decideEffect, POLICY } from '../../src/events/policy.js';
import { isToRest, needsConfirmation } from '../../src/subscribers/suppression/soft-bounces.js';
import { DAY_MS } from '../../src/platform/durations.js';

const documentation = readFileSync(join(import.meta.dirname, '../../docs/bounces.md'), 'utf8');

test('the documentation has the policy row by row', () => {
  const table = documentation.split('## What an event does')[1]?.split('\n\n')[1] ?? '';
  const rows = table
    .split('\n')
    .slice(2)
    .map((line) =>
      line
        .split('|')
        .slice(1, -1)
        .map((cell) => cell.trim()),
    );
  expect(rows).toEqual(
    POLICY.map(({ class: of, scope = 'any', status = 'any', effect, because }) => [
      of,
      scope,
      status,
      effect,
      because,
    ]),
  );
});

test('each row of the policy is the first for what it describes', () => {
  for (const { class: of, scope, status, effect } of POLICY)
    expect([
      of,
      status,
      decideEffect({ class: of, scope: scope ?? 'mailbox', status: status?.replace('x', '7') }),
    ]).toEqual([of, status, effect]);
});

test('what is about us, or has not failed, is never held against a reader', () => {
  for (const status of [undefined, '5.1.1', '5.2.1', '4.2.2', '5.7.1']) {
    for (const of of ['hard', 'soft'] as const)
      expect(decideEffect({ class: of, scope: 'us', status })).toBe('nothing');
    for (const of of ['sender-fault', 'delayed', 'auto-reply', 'none'] as const)
      for (const scope of ['mailbox', 'domain', 'us'] as const)
        expect(decideEffect({ class: of, scope, status })).toBe('nothing');
  }
});

test('a session asks for a second digest where the policy does', () => {
  for (const status of ['5.2.1', '5.4.4', '5.5.0', '5.1.1', '5.1.2', '5.1.10', '5.2.2'])
    expect([status, needsConfirmation(status)]).toEqual([
      status,
      decideEffect({ class: 'hard', scope: 'mailbox', status }) === 'unconfirmed',
    ]);
});

test('a mailbox rests after three digests over fifteen days, or two that say it is bad', () => {
  const failed = (days: number[], isHard = false) =>
    days.map((day) => ({
      sentAt: new Date(day * DAY_MS),
      givenUpAt: new Date((day + 1) * DAY_MS),
      isHard,
    }));
  expect(isToRest(failed([0, 7, 14]))).toBe(true);
  expect(isToRest(failed([0, 7, 13]))).toBe(false);
  expect(isToRest(failed([0, 30]))).toBe(false);
  expect(isToRest(failed([0]))).toBe(false);
  expect(isToRest(failed([0, 1], true))).toBe(true);
  expect(isToRest(failed([0], true))).toBe(false);
});
