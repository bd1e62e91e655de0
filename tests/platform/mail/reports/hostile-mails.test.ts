import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { readMessage } from '../../../../src/platform/mail/reports/mime-parts.js';
import { readReport } from '../../../../src/platform/mail/reports/read-report.js';
import { seed } from '../../../support/seed.js';
import { deliveryReport, mail } from './mails.js';

const MAX_MS = 5_000;
const MB = 1024 * 1024;

const HOSTILE: [string, () => Buffer][] = [
  ['10,000 parts', () => parts(10_000)],
  ['1,000 levels', () => nested(1_000)],
  ['1,000 messages inside each other', () => Buffer.from('Content-Type: message/rfc822\n\n'.repeat(1_000))],
  ['a header of 64 MB', () => Buffer.concat([Buffer.from('Subject: '), Buffer.alloc(64 * MB, 'a')])],
  ['a header of folds only', () => Buffer.from(`Subject: a\r\n${' b\r\n'.repeat(500_000)}\r\nx`)],
  ['a million fields', () => Buffer.from(`${'a: b\n'.repeat(1_000_000)}\nx`)],
  ['NULs', () => Buffer.alloc(4 * MB)],
  ['blanks', () => Buffer.concat([Buffer.from('From: mailer-daemon@a\n\n'), Buffer.alloc(4 * MB, ' ')])],
  ['one line of @', () => mail({ body: '@'.repeat(4 * MB) })],
  ['one line of <', () => mail({ headers: { 'Content-Type': 'text/html' }, body: '<br'.repeat(MB) })],
  ['addresses only', () => mail({ body: 'a@b.example '.repeat(300_000) })],
  ['quotes only', () => mail({ body: '"\\'.repeat(MB) })],
  [
    'delimiters only',
    () => mail({ headers: { 'Content-Type': 'multipart/mixed; boundary=a' }, body: '--a\n'.repeat(MB) }),
  ],
  [
    'a boundary of nothing',
    () => mail({ headers: { 'Content-Type': 'multipart/mixed; boundary=""' }, body: '--\n--' }),
  ],
  [
    'recipients without end',
    () =>
      deliveryReport(
        Array.from(
          { length: 50_000 },
          (_, n) => `Final-Recipient: rfc822; a${n}@b.example\nAction: failed\nStatus: 5.1.1`,
        ),
      ),
  ],
  [
    'broken base64',
    () => mail({ headers: { 'Content-Transfer-Encoding': 'base64' }, body: '=%'.repeat(MB) }),
  ],
  [
    'quoted-printable of = and blanks',
    () => mail({ headers: { 'Content-Transfer-Encoding': 'quoted-printable' }, body: '= '.repeat(MB) }),
  ],
  [
    'an unknown charset',
    () => mail({ headers: { 'Content-Type': 'text/plain; charset="no-such\u0000"' }, body: 'undeliverable' }),
  ],
  [
    'an encoded subject without end',
    () => mail({ headers: { Subject: `=?utf-8?Q?${'=?'.repeat(50_000)}` }, body: 'undeliverable' }),
  ],
  ['nothing', () => Buffer.alloc(0)],
  ['one line end', () => Buffer.from('\r\n')],
];

test.each(HOSTILE)('%s neither throws nor takes long', (_what, make) => {
  const raw = make();
  const began = performance.now();
  const report = readReport(raw);
  expect(performance.now() - began).toBeLessThan(MAX_MS);
  expect(report.recipients.length).toBeLessThanOrEqual(1_000);
  expect(JSON.stringify(report).length).toBeLessThan(2 * MB);
});

test('limits are reached, not only kept: parts and levels beyond them are not there', () => {
  const count = (part: ReturnType<typeof readMessage>): number =>
    1 + part.parts.reduce((sum, one) => sum + count(one), 0);
  const depth = (part: ReturnType<typeof readMessage>): number => 1 + Math.max(0, ...part.parts.map(depth));
  expect(count(readMessage(parts(30)))).toBe(31);
  expect(count(readMessage(parts(10_000)))).toBe(60);
  expect(depth(readMessage(nested(5)))).toBe(6);
  expect(depth(readMessage(nested(1_000)))).toBe(9);
});

test('what stands before the returned mail is read, however large that mail is', () => {
  const small = deliveryReport(['Final-Recipient: rfc822; ada@example.com\nAction: failed\nStatus: 5.1.1']);
  const large = Buffer.concat([small.subarray(0, small.length - 10), Buffer.alloc(40 * MB, 'x')]);
  expect(readReport(large).recipients).toMatchObject([{ recipient: 'ada@example.com', class: 'hard' }]);
});

test(`any octets, and any damage to a report, are read without an exception (seed ${seed})`, () => {
  const whole = deliveryReport(['Final-Recipient: rfc822; ada@example.com\nAction: failed\nStatus: 5.1.1']);
  const damaged = fc
    .record({ at: fc.nat(whole.length), drop: fc.nat(200), insert: fc.uint8Array({ maxLength: 50 }) })
    .map(({ at, drop, insert }) => Buffer.concat([whole.subarray(0, at), insert, whole.subarray(at + drop)]));
  const octets = fc.uint8Array({ maxLength: 2_000 }).map((bytes) => Buffer.from(bytes));
  fc.assert(
    fc.property(fc.oneof(octets, damaged), (raw) => {
      for (const { reason = '', recipient = '' } of readReport(raw).recipients) {
        expect(reason.length).toBeLessThanOrEqual(1_000);
        expect(reason + recipient).not.toMatch(/\p{Cc}/u);
      }
    }),
    { numRuns: 2_000 },
  );
});

function parts(count: number): Buffer {
  return mail({
    headers: { 'Content-Type': 'multipart/mixed; boundary=b' },
    body: `${'--b\nContent-Type: text/plain\n\nx\n'.repeat(count)}--b--`,
  });
}

function nested(levels: number): Buffer {
  const opened = Array.from(
    { length: levels },
    (_, n) => `Content-Type: multipart/mixed; boundary=b${n}x\n\n--b${n}x\n`,
  );
  return Buffer.from(`${opened.join('')}Content-Type: text/plain\n\nx`);
}
