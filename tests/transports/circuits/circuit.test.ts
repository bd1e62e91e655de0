import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { classifyReply } from '../../../src/platform/mail/classify/classify-reply.js';
import { assessReply, type ReplyHealth } from '../../../src/transports/circuits/reply-health.js';
import {
  isBounceStorm,
  isOpen,
  serverFailureKind,
  failureKind,
  nextProbeAt,
  type RecentReply,
  type CircuitWithTransport,
} from '../../../src/transports/circuits/circuit.js';
import { describeCircuit, blockedReason } from '../../../src/transports/circuits/describe-circuit.js';

const now = new Date('2026-11-22T10:00:00Z');

describe('what an answer says about us', () => {
  test.each<[ReplyHealth | undefined, 'rcpt' | 'final-dot', number, string]>([
    ['fine', 'final-dot', 250, '2.0.0 Ok: queued as 4Xyz'],
    ['refused', 'final-dot', 550, '5.7.26 Unauthenticated email is not accepted - gsmtp'],
    ['refused', 'rcpt', 554, '5.7.1 Service unavailable; Client host blocked using zen.example'],
    ['rejected', 'rcpt', 550, '5.1.1 No such user'],
    ['throttled', 'final-dot', 421, '4.7.28 Gmail has detected an unusual rate of unsolicited mail. - gsmtp'],
    ['throttled', 'rcpt', 450, '4.7.1 Rate of this sender is too high'],
    ['throttled', 'rcpt', 451, 'Too much mail for us #4.7.650'],
    ['throttled', 'rcpt', 421, 'Service busy'],
    ['throttled', 'final-dot', 454, 'Throttling failure: Maximum sending rate exceeded.'],
    ['throttled', 'final-dot', 454, 'Throttling failure: Daily message quota exceeded.'],
    ['throttled', 'rcpt', 452, 'Too many messages in this session'],
    ['fine', 'rcpt', 452, '4.2.2 The recipient’s inbox is over quota'],
    ['fine', 'rcpt', 451, '4.3.0 Mail server temporarily rejected message'],
    ['fine', 'rcpt', 450, '4.2.0 Greylisted, see http://postgrey.example/help'],
    ['fine', 'rcpt', 451, '4.7.1 Grey-listing in action, please come back later'],
    ['fine', 'rcpt', 421, 'You have been graylisted'],
  ])('%s: %s %d %s', (answer, stage, code, text) => {
    expect(assessReply(classifyReply(stage, code, text))).toBe(answer);
  });

  test('nobody answered: it says nothing', () => {
    expect(assessReply({ kind: 'not-sent', reply: 'connection reset' })).toBeUndefined();
    expect(assessReply({ kind: 'uncertain', reply: 'connection reset' })).toBeUndefined();
    expect(assessReply({ kind: 'withdrawn' })).toBeUndefined();
  });
});

const times = <T>(howOften: number, what: T): T[] => Array.from({ length: howOften }, () => what);
const from = (domain: string, howOften: number, answer: ReplyHealth): RecentReply[] =>
  times(howOften, { domain, health: answer });
const silent = () => false;
const spread = (howOften: number, answer: ReplyHealth, domains = 7): RecentReply[] =>
  Array.from({ length: howOften }, (_, at) => ({ domain: `d${at % domains}.example`, health: answer }));

describe('trouble', () => {
  test.each<['refused' | 'throttled' | undefined, ReplyHealth[]]>([
    [undefined, times(19, 'refused')],
    ['refused', times(20, 'refused')],
    ['refused', [...times(10, 'refused' as const), ...times(10, 'fine' as const)]],
    [undefined, [...times(9, 'refused' as const), ...times(11, 'fine' as const)]],
    [undefined, times(40, 'rejected')],
    ['throttled', [...times(15, 'throttled' as const), ...times(5, 'fine' as const)]],
    [undefined, [...times(14, 'throttled' as const), ...times(6, 'fine' as const)]],
    [
      'throttled',
      [...times(8, 'refused' as const), ...times(7, 'throttled' as const), ...times(5, 'fine' as const)],
    ],
  ])('%s', (kind, answers) => {
    expect(failureKind(answers)).toBe(kind);
  });

  test('property: one more good answer never makes trouble, and one more refusal never ends it', () => {
    const answers = fc.array(fc.constantFrom<ReplyHealth>('fine', 'refused', 'throttled', 'rejected'), {
      minLength: 20,
    });
    fc.assert(
      fc.property(answers, (some) => {
        const kind = failureKind(some);
        if (kind === undefined) expect(failureKind([...some, 'fine'])).toBeUndefined();
        else expect(failureKind([...some, 'refused'])).toBeDefined();
        if (kind === 'refused') expect(failureKind([...some, 'refused'])).toBe('refused');
      }),
    );
  });
});

describe('the whole server', () => {
  test.each<[string, 'refused' | 'throttled' | undefined, RecentReply[]]>([
    ['refuses everybody', 'refused', spread(20, 'refused')],
    ['refuses everybody, and only one domain is mailed', 'refused', from('gmail.example', 20, 'refused')],
    ['was fine until a moment ago', 'refused', [...spread(20, 'fine'), ...spread(20, 'refused')]],
    [
      'takes other mail while the largest provider blocks us',
      undefined,
      [...from('gmail.example', 30, 'refused'), ...spread(10, 'fine')],
    ],
    [
      'takes other mail while a provider blocks us under two names',
      undefined,
      [
        ...from('gmail.example', 28, 'refused'),
        ...from('googlemail.example', 2, 'refused'),
        ...spread(10, 'fine'),
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
      [...from('gmail.example', 28, 'refused'), ...from('outlook.example', 12, 'fine')],
    ],
    ['asks everybody to slow down', 'throttled', spread(30, 'throttled')],
    ['slows some down and takes the others', undefined, [...spread(20, 'throttled'), ...spread(20, 'fine')]],
    ['says that many readers are unknown', undefined, spread(40, 'rejected')],
  ])('%s', (_what, kind, heard) => {
    expect(serverFailureKind(heard, silent)).toBe(kind);
  });

  test('one or two refusals elsewhere prove nothing while another domain took mail lately', () => {
    const heard = [...from('gmail.example', 20, 'refused'), ...from('firm.example', 2, 'refused')];
    expect(serverFailureKind(heard, silent)).toBe('refused');
    expect(serverFailureKind(heard, (except) => except === 'gmail.example')).toBeUndefined();
    expect(serverFailureKind([...heard, ...from('school.example', 1, 'refused')], () => true)).toBe(
      'refused',
    );
  });

  test('property: one domain alone never shuts the server while the others take most of their mail', () => {
    const others = fc.array(fc.tuple(fc.integer({ min: 0, max: 9 }), fc.integer({ min: 0, max: 3 })), {
      minLength: 3,
    });
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 60 }), others, (bad, some) => {
        const heard: RecentReply[] = [
          ...from('gmail.example', bad, 'refused'),
          ...some.map(([domain], at): RecentReply => ({
            domain: `d${domain}.example`,
            health: at % 3 === 2 ? 'rejected' : 'fine',
          })),
        ];
        expect(serverFailureKind(heard, silent)).toBeUndefined();
      }),
    );
  });

  test('property: it is shut whatever the domains are when every answer is a refusal', () => {
    const domains = fc.array(fc.integer({ min: 0, max: 9 }), { minLength: 20, maxLength: 40 });
    fc.assert(
      fc.property(domains, (some) => {
        const heard = some.map((domain): RecentReply => ({
          domain: `d${domain}.example`,
          health: 'refused',
        }));
        expect(serverFailureKind(heard, silent)).toBe('refused');
      }),
    );
  });
});

test('a storm of bounces is more than 5 % of at least 100 answers', () => {
  expect(isBounceStorm({ answers: 99, rejected: 99 })).toBe(false);
  expect(isBounceStorm({ answers: 100, rejected: 5 })).toBe(false);
  expect(isBounceStorm({ answers: 100, rejected: 6 })).toBe(true);
  expect(isBounceStorm({ answers: 1_000, rejected: 50 })).toBe(false);
});

test('each time in vain it waits twice as long, up to four hours', () => {
  const minutes = (kind: 'refused' | 'throttled') =>
    Array.from(
      { length: 10 },
      (_, tries) => (nextProbeAt(kind, tries + 1, now).getTime() - now.getTime()) / 60_000,
    );
  expect(minutes('refused')).toEqual([15, 30, 60, 120, 240, 240, 240, 240, 240, 240]);
  expect(minutes('throttled')).toEqual([1, 2, 4, 8, 16, 32, 64, 128, 240, 240]);
  expect(nextProbeAt('refused', 30_000, now).getTime() - now.getTime()).toBe(240 * 60_000);
});

test('it is shut until its time, or until an operator says so', () => {
  expect(isOpen({ closesAt: null }, now)).toBe(true);
  expect(isOpen({ closesAt: new Date(now.getTime() + 1) }, now)).toBe(true);
  expect(isOpen({ closesAt: now }, now)).toBe(false);
});

describe('an operator reads what happened, what became of the mail, and what to do', () => {
  const circuit: CircuitWithTransport = {
    id: '1',
    transportId: 1,
    transport: 'mail.example:587',
    domain: '',
    kind: 'refused',
    reason: '554 5.7.1 Blocked',
    replyCount: 24,
    failureCount: 21,
    openedAt: now,
    openCount: 1,
    closesAt: null,
    closedAt: null,
  };
  const read = (change: Partial<CircuitWithTransport>) =>
    describeCircuit(
      { ...circuit, ...change },
      { now, formatTime: (moment) => moment.toISOString().slice(11, 16), resume: 'press the button.' },
    );

  test('of a server that refuses us', () => {
    expect(read({})).toEqual([
      'The mail server mail.example:587 refuses our mail: 21 of its last 24 answers were about us, like this one: “554 5.7.1 Blocked”',
      'Mail through this server waits and is not lost. No reader was counted as bounced.',
      'Mend what the answer names (often the login, the sender’s domain or a block list). Then press the button.',
    ]);
  });

  test('of a domain that was tried again in vain', () => {
    const closesAt = new Date('2026-11-22T11:00:00Z');
    expect(read({ domain: 'gmail.example', openCount: 3, closesAt })).toEqual([
      'gmail.example (through mail.example:587) refuses our mail: 21 of its last 24 answers were about us, like this one: “554 5.7.1 Blocked”',
      'Mail to gmail.example waits and is not lost. No reader was counted as bounced.',
      'A few messages try it again at 11:00. It was tried 2 times in vain. To send all of it now, press the button.',
    ]);
  });

  test('of a server that is at its limit', () => {
    const [what, , next] = read({
      kind: 'throttled',
      closesAt: new Date('2026-11-22T10:01:00Z'),
      reason: '421 Slow down',
    });
    expect(what).toBe(
      'The mail server mail.example:587 asks us to slow down: 21 of its last 24 answers said so, like this one: “421 Slow down”',
    );
    expect(next).toBe(
      'A few messages try it again at 10:01. A limit in SMTP_URL keeps us below its own. To send all of it now, press the button.',
    );
  });

  test('of one whose time has come, though nothing was there to try it with', () => {
    expect(read({ domain: 'gmail.example', openCount: 2, closesAt: now })[2]).toBe(
      'The next few messages try it again. It was tried once in vain. To send all of it now, press the button.',
    );
  });

  test('of a storm of bounces', () => {
    const storm = {
      kind: 'bounces',
      domain: 'school.example',
      replyCount: 120,
      failureCount: 7,
      reason: '550 5.1.1 Unknown',
    };
    expect(read(storm as Partial<CircuitWithTransport>)).toEqual([
      'school.example (through mail.example:587) says that 5.8 % of our readers there do not exist (7 of 120 within an hour), like this: “550 5.1.1 Unknown”',
      'Mail to school.example waits. So many at once are hardly all true: no reader was suppressed.',
      'Find out whether the domain has a fault or the list is wrong. Then press the button.',
    ]);
  });
});

test('a delivery that waits says why, and not whose answer it was', () => {
  const why = (change: Partial<CircuitWithTransport>) =>
    blockedReason(
      { domain: 'gmail.example', kind: 'refused', reason: '554 5.7.1 Blocked', ...change },
      'mail.example:587',
    );
  expect(why({})).toBe('gmail.example is left alone for now: 554 5.7.1 Blocked');
  expect(why({ domain: '' })).toBe(
    'The mail server mail.example:587 is left alone for now: 554 5.7.1 Blocked',
  );
  expect(why({ kind: 'bounces', reason: '550 5.1.1 <ada@gmail.example> unknown' })).toBe(
    'gmail.example is left alone for now: too many readers there are said not to exist',
  );
  expect(why({ reason: '554 5.7.1 <ada@gmail.example>: relaying refused, ben@x.example' })).toBe(
    'gmail.example is left alone for now: 554 5.7.1 <…>: relaying refused, …',
  );
});
