import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { formatConfirmationDate } from '../../../src/deliveries/send/confirmation-date.js';
import { formatDate } from '../../../src/platform/text/format-dates.js';

const zones = [
  'Europe/Berlin',
  'Asia/Kathmandu',
  'Asia/Kolkata',
  'Pacific/Chatham',
  'America/St_Johns',
  'Etc/GMT+12',
];

test('the date is that of her time zone, also when readers of other zones confirmed around the same time', () => {
  const around = Date.UTC(2026, 2, 28);
  const reader = fc.record({
    confirmedAt: fc.integer({ min: 0, max: 172_800 }).map((seconds) => new Date(around + seconds * 1000)),
    createdAt: fc.constant(new Date(0)),
    timezone: fc.constantFrom(...zones),
  });
  fc.assert(
    fc.property(reader, fc.constantFrom('en', 'sw'), (one, language) => {
      expect(formatConfirmationDate(one, language)).toBe(formatDate(one.confirmedAt, one.timezone, language));
    }),
    { numRuns: 3_000 },
  );
});
