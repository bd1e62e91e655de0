import { describe, expect, test } from '@jest/globals';
import { looksMachineMade, assessRisk, type RiskSignals } from '../../../src/subscribers/sign-up/risk.js';

const nothing: RiskSignals = {
  localPart: 'wanjiru',
  isDisposable: false,
  filledInMs: undefined,
  signUpsFromNetwork: 1,
  isWithoutProof: false,
};

describe('a sign-up', () => {
  test('without signs is not held', () => {
    expect(assessRisk(nothing)).toEqual({ points: 0, reasons: [], held: false });
    expect(assessRisk({ ...nothing, filledInMs: 4000, signUpsFromNetwork: 29 })).toEqual({
      points: 0,
      reasons: [],
      held: false,
    });
  });

  test.each([
    ['disposable', { isDisposable: true }],
    ['too-fast', { filledInMs: 1999 }],
    ['machine-made', { localPart: 'x7k2q9wd4f' }],
    ['busy-network', { signUpsFromNetwork: 30 }],
  ])('with one sign alone (%s) is not held either', (reason, sign) => {
    expect(assessRisk({ ...nothing, ...sign })).toMatchObject({ reasons: [reason], held: false });
  });

  test('with two weighty signs is held, with its reasons', () => {
    expect(assessRisk({ ...nothing, isDisposable: true, filledInMs: 300 })).toEqual({
      points: 80,
      reasons: ['disposable', 'too-fast'],
      held: true,
    });
    expect(assessRisk({ ...nothing, isDisposable: true, signUpsFromNetwork: 400 }).held).toBe(true);
    expect(assessRisk({ ...nothing, filledInMs: 0, signUpsFromNetwork: 400 }).held).toBe(true);
    expect(assessRisk({ ...nothing, localPart: 'x7k2q9wd4f', isDisposable: true }).held).toBe(false);
  });

  test('in attack mode, without proof of work, is held', () => {
    expect(assessRisk({ ...nothing, isWithoutProof: true })).toEqual({
      points: 100,
      reasons: ['unproved'],
      held: true,
    });
  });
});

test('a name counts as random only when no person would choose it', () => {
  const people = `wanjiru reader1 j.smith1987 maria2004x 0712345678 1234567890 w.kamau o'brien anna-lena schwarzschild
    2pac4ever mwangi254 krzysztof strzelczyk zoë 用户 reader+x7k2q9wd4f h4x0r mohamed.ali.1999 knightsbridge a1b2`;
  for (const name of people.split(/\s+/)) expect([name, looksMachineMade(name)]).toEqual([name, false]);
  for (const name of ['x7k2q9wd4f', 'a8f3d9c2', 'bcdfghjklm', 'qwrtpsdfg'])
    expect([name, looksMachineMade(name)]).toEqual([name, true]);
});
