import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { mailboxOf } from '../../src/subscribers/mail-cap/mailbox.js';
import { isWithinDailyCap, isWithinMailCap } from '../../src/subscribers/mail-cap/mail-cap.js';
import { mayResend } from '../../src/subscribers/sign-up/resend.js';

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;
const now = new Date('2026-11-22T09:00:00Z');
const ago = (milliseconds: number) => new Date(now.getTime() - milliseconds);
const asked = (...ages: number[]) => ages.map((age) => ({ publicationId: 'ours', askedAt: ago(age) }));
const byOthers = (count: number, age: number) =>
  Array.from({ length: count }, (_, at) => ({ publicationId: `other ${at}`, askedAt: ago(age) }));

describe('an address that has not clicked is mailed', () => {
  test.each([
    ['at once, the first time', [], true],
    ['not again within the minute', [MINUTE - 1], false],
    ['again after a minute', [MINUTE], true],
    ['not a third time within a day', [DAY - 1, 2 * DAY], false],
    ['a third time after a day', [DAY, DAY + MINUTE], true],
    ['not a fourth time, however long it waits', [20 * DAY, 25 * DAY, 29 * DAY], false],
  ] as const)('%s', (_, ages, expected) => {
    expect(isWithinMailCap(asked(...ages), 'ours', now)).toBe(expected);
  });

  test('by all newsletters together at most five times a day', () => {
    expect(isWithinMailCap(byOthers(4, DAY / 2), 'ours', now)).toBe(true);
    expect(isWithinMailCap(byOthers(5, DAY / 2), 'ours', now)).toBe(false);
    expect(isWithinMailCap(byOthers(5, DAY), 'ours', now)).toBe(true);
    expect(isWithinMailCap(byOthers(5, DAY), 'other 0', now)).toBe(true);
  });

  test('at most three times in 30 days, however often somebody asks', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(40 * DAY), { maxLength: 200 }), (moments) => {
        const mails: number[] = [];
        for (const moment of moments.toSorted((a, b) => a - b)) {
          const history = mails
            .filter((mail) => mail > moment - 30 * DAY)
            .map((mail) => ({ publicationId: 'ours', askedAt: new Date(mail) }));
          if (isWithinMailCap(history, 'ours', new Date(moment))) mails.push(moment);
        }
        for (const mail of mails) {
          expect(mails.filter((each) => each <= mail && each > mail - 30 * DAY).length).toBeLessThanOrEqual(
            3,
          );
          expect(mails.filter((each) => each < mail && each > mail - MINUTE)).toEqual([]);
        }
      }),
    );
  });
});

describe('spellings of one mailbox', () => {
  test.each([
    ['ada@example.com', 'ada@example.com'],
    ['ada+news@example.com', 'ada@example.com'],
    ['ada+a+b@example.com', 'ada@example.com'],
    ['a.d.a@example.com', 'a.d.a@example.com'],
    ['+ada@example.com', '+ada@example.com'],
    ['+ada+x@example.com', '+ada@example.com'],
    ['a.d.a+news@gmail.com', 'ada@gmail.com'],
    ['ada@googlemail.com', 'ada@gmail.com'],
    ['a.da+b.c@googlemail.com', 'ada@gmail.com'],
    ['a.da@gmail.com.example', 'a.da@gmail.com.example'],
    ['a.da@notgmail.com', 'a.da@notgmail.com'],
    ['zoë+x@xn--bcher-kva.example', 'zoë@xn--bcher-kva.example'],
  ])('%s is a spelling of %s', (address, mailbox) => {
    expect(mailboxOf(address)).toBe(mailbox);
  });

  test('the mailbox of a mailbox is itself, with whatever tags and dots', () => {
    const words = fc.stringMatching(/^[a-z0-9+.]{1,12}$/);
    fc.assert(
      fc.property(words, fc.constantFrom('gmail.com', 'googlemail.com', 'example.com'), (word, domain) => {
        const mailbox = mailboxOf(`${word}@${domain}`);
        expect(mailboxOf(mailbox)).toBe(mailbox);
      }),
    );
  });
});

test('mails that a forwarded link can cause are sent three times a day at most', () => {
  expect(isWithinDailyCap(asked(0, 1), 'ours', now)).toBe(true);
  expect(isWithinDailyCap(asked(0, 1, DAY - 1), 'ours', now)).toBe(false);
  expect(isWithinDailyCap(asked(0, 1, DAY), 'ours', now)).toBe(true);
  expect(isWithinDailyCap(byOthers(9, 1), 'ours', now)).toBe(true);
});

describe('"send it again" works', () => {
  test.each([
    ['after a minute', 0, MINUTE, true],
    ['not sooner', 0, MINUTE - 1, false],
    ['once more after a day', 1, DAY, true],
    ['not sooner', 1, DAY - 1, false],
    ['and then no more', 2, 29 * DAY, false],
  ] as const)('%s (pressed %i times before)', (_, resends, age, expected) => {
    expect(mayResend(resends, ago(age), now)).toBe(expected);
  });
});
