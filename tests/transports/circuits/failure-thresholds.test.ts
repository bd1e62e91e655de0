import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  failureKind,
  isBounceStorm,
  serverFailureKind,
  type RecentReply,
} from '../../../src/transports/circuits/failure-thresholds.js';
import type { ReplyHealth } from '../../../src/transports/circuits/reply-health.js';

const times = <T>(howOften: number, what: T): T[] => Array.from({ length: howOften }, () => what);
const from = (domain: string, howOften: number, health: ReplyHealth, isServerWide = false): RecentReply[] =>
  times(howOften, { domain, health, isServerWide });
const noneAccepted = () => false;
const spread = (howOften: number, health: ReplyHealth, domains = 7): RecentReply[] =>
  Array.from({ length: howOften }, (_, at) => ({
    domain: `d${at % domains}.example`,
    health,
    isServerWide: false,
  }));

describe('the kind of failure', () => {
  test.each<['refused' | 'throttled' | undefined, ReplyHealth[]]>([
    [undefined, times(19, 'refused')],
    ['refused', times(20, 'refused')],
    ['refused', [...times(10, 'refused' as const), ...times(10, 'healthy' as const)]],
    [undefined, [...times(9, 'refused' as const), ...times(11, 'healthy' as const)]],
    [undefined, times(40, 'rejected')],
    ['throttled', [...times(15, 'throttled' as const), ...times(5, 'healthy' as const)]],
    [undefined, [...times(14, 'throttled' as const), ...times(6, 'healthy' as const)]],
    [
      'throttled',
      [...times(8, 'refused' as const), ...times(7, 'throttled' as const), ...times(5, 'healthy' as const)],
    ],
  ])('%s', (kind, replies) => {
    expect(failureKind(replies)).toBe(kind);
  });

  test('property: one more healthy reply never makes a failure, and one more refusal never ends it', () => {
    const replies = fc.array(fc.constantFrom<ReplyHealth>('healthy', 'refused', 'throttled', 'rejected'), {
      minLength: 20,
    });
    fc.assert(
      fc.property(replies, (some) => {
        const kind = failureKind(some);
        if (kind === undefined) expect(failureKind([...some, 'healthy'])).toBeUndefined();
        else expect(failureKind([...some, 'refused'])).toBeDefined();
        if (kind === 'refused') expect(failureKind([...some, 'refused'])).toBe('refused');
      }),
    );
  });
});

describe('the whole server', () => {
  test.each<[string, 'refused' | 'throttled' | undefined, RecentReply[]]>([
    ['refuses everybody', 'refused', spread(20, 'refused')],
    ['refuses the readers of the only domain there is', undefined, from('gmail.example', 40, 'refused')],
    ['refuses us before it knows the reader', 'refused', from('gmail.example', 20, 'refused', true)],
    [
      'refuses one of another domain as well',
      'refused',
      [...from('gmail.example', 20, 'refused'), ...from('outlook.example', 1, 'refused')],
    ],
    ['was fine until a moment ago', 'refused', [...spread(20, 'healthy'), ...spread(20, 'refused')]],
    [
      'takes other mail while the largest provider blocks us',
      undefined,
      [...from('gmail.example', 30, 'refused'), ...spread(10, 'healthy')],
    ],
    [
      'takes other mail while a provider blocks us under two names',
      undefined,
      [
        ...from('gmail.example', 28, 'refused'),
        ...from('googlemail.example', 2, 'refused'),
        ...spread(10, 'healthy'),
      ],
    ],
    [
      'refuses two providers who are all there is',
      'refused',
      [...from('gmail.example', 28, 'refused'), ...from('outlook.example', 12, 'refused')],
    ],
    [
      'takes mail for one of two providers',
      undefined,
      [...from('gmail.example', 28, 'refused'), ...from('outlook.example', 12, 'healthy')],
    ],
    ['asks everybody to slow down', 'throttled', spread(30, 'throttled')],
    [
      'slows some down and takes the others',
      undefined,
      [...spread(20, 'throttled'), ...spread(20, 'healthy')],
    ],
    ['says that many readers are unknown', undefined, spread(40, 'rejected')],
  ])('%s', (_what, kind, replies) => {
    expect(serverFailureKind(replies, noneAccepted)).toBe(kind);
  });

  test('one or two refusals of other domains open nothing while another domain accepted mail recently', () => {
    const replies = [...from('gmail.example', 20, 'refused'), ...from('firm.example', 2, 'refused')];
    expect(serverFailureKind(replies, noneAccepted)).toBe('refused');
    expect(serverFailureKind(replies, (except) => except === 'gmail.example')).toBeUndefined();
    expect(serverFailureKind([...replies, ...from('school.example', 1, 'refused')], () => true)).toBe(
      'refused',
    );
  });

  test('property: one domain alone never opens the circuit of the server while the others accept most of their mail', () => {
    const others = fc.array(fc.tuple(fc.integer({ min: 0, max: 9 }), fc.integer({ min: 0, max: 3 })), {
      minLength: 3,
    });
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 60 }), others, (bad, some) => {
        const replies: RecentReply[] = [
          ...from('gmail.example', bad, 'refused'),
          ...some.map(([domain], at): RecentReply => ({
            domain: `d${domain}.example`,
            health: at % 3 === 2 ? 'rejected' : 'healthy',
            isServerWide: false,
          })),
        ];
        expect(serverFailureKind(replies, noneAccepted)).toBeUndefined();
      }),
    );
  });

  test('property: it is open whatever the domains are, where there are two or more, when every reply is a refusal', () => {
    const numbers = fc.array(fc.integer({ min: 0, max: 9 }), { minLength: 20, maxLength: 40 });
    const domains = numbers.filter((some) => new Set(some).size > 1);
    fc.assert(
      fc.property(domains, (some) => {
        const replies = some.map((domain): RecentReply => ({
          domain: `d${domain}.example`,
          health: 'refused',
          isServerWide: false,
        }));
        expect(serverFailureKind(replies, noneAccepted)).toBe('refused');
      }),
    );
  });
});

test('a storm of bounces is more than 5 % of at least 100 replies', () => {
  expect(isBounceStorm({ replyCount: 99, rejectedCount: 99 })).toBe(false);
  expect(isBounceStorm({ replyCount: 100, rejectedCount: 5 })).toBe(false);
  expect(isBounceStorm({ replyCount: 100, rejectedCount: 6 })).toBe(true);
  expect(isBounceStorm({ replyCount: 1_000, rejectedCount: 50 })).toBe(false);
});
