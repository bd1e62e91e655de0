import { describe, expect, test } from '@jest/globals';
import { isolateFaults } from '../../../src/platform/process/isolate-faults.js';
import { faultCode, isRowFault } from '../../../src/platform/process/row-fault.js';

/** Works on numbers, but for these. */
function createWork(faulty: readonly number[]) {
  const calls: number[][] = [];
  const work = async (part: readonly number[]) => {
    calls.push([...part]);
    if (part.some((one) => faulty.includes(one))) throw new RangeError('Not this one.');
    return part.length;
  };
  return { calls, work };
}

const thousand = Array.from({ length: 1000 }, (_, at) => at);

test('rows without a fault are worked on in one call', async () => {
  const { calls, work } = createWork([]);
  expect(await isolateFaults(thousand, work)).toEqual({ results: [1000], failures: [] });
  expect(calls).toHaveLength(1);
});

test.each([
  [[0], 21],
  [[999], 21],
  [[17, 18, 900], 60],
])('of a thousand rows only %j are left out, in at most %i calls', async (faulty, most) => {
  const { calls, work } = createWork(faulty);
  const { results, failures } = await isolateFaults(thousand, work);
  expect(failures.map(({ row }) => row)).toEqual(faulty);
  expect(results.reduce((sum, count) => sum + count, 0)).toBe(1000 - faulty.length);
  expect(calls.length).toBeLessThanOrEqual(most);
});

test('what is no fault of a row is thrown at once', async () => {
  const lost = Object.assign(new Error('Connection terminated unexpectedly'));
  await expect(isolateFaults(thousand, () => Promise.reject(lost))).rejects.toBe(lost);
});

const withCode = (code: string) => Object.assign(new Error('No.'), { code });

describe('the fault of', () => {
  test.each([
    ...['22021', '22007', '23505', '23503', '23514', 'P0001', 'ERR_INVALID_ARG_TYPE'].map(withCode),
    new RangeError('Invalid time zone specified: Mars'),
    new TypeError('x is not a function'),
    new Error('To is not an address that mail can be written to.'),
    'a text',
  ])('a row: %s', (error) => expect(isRowFault(error)).toBe(true));

  test.each([
    ...['08006', '57P01', '57014', '53300', '53100', '40001', '40P01', '25P03', '55P03', '42703'].map(
      withCode,
    ),
    ...['ECONNRESET', 'ECONNREFUSED', 'ETIMEDOUT', 'ENOSPC', 'EMFILE'].map(withCode),
    new Error('Connection terminated due to connection timeout'),
    new Error('timeout exceeded when trying to connect'),
    new Error('Connection is closed.'),
    new AggregateError([withCode('23505'), withCode('ECONNREFUSED')]),
    new Error('It failed', { cause: withCode('08006') }),
  ])('something else: %s', (error) => expect(isRowFault(error)).toBe(false));
});

test('a failure is called by its code, or by the name of its error, and nothing of its message is said', () => {
  expect([withCode('23505'), new RangeError('ada@example.com'), 'ada@example.com'].map(faultCode)).toEqual([
    '23505',
    'RangeError',
    'Error',
  ]);
});
