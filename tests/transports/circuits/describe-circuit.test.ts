import { describe, expect, test } from '@jest/globals';
import type { CircuitWithTransport } from '../../../src/transports/circuits/circuit.js';
import { blockedReason, describeCircuit } from '../../../src/transports/circuits/describe-circuit.js';
import { operatorWords } from '../../support/operator-words.js';

const now = new Date('2026-11-22T10:00:00Z');

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
      {
        now,
        formatTime: (moment) => moment.toISOString().slice(11, 16),
        resume: 'press the button.',
        words: operatorWords,
      },
    );

  test.each([
    ['self-signed certificate', /ca=.*tls\.rejectUnauthorized=false/],
    [
      "Hostname/IP does not match certificate's altnames: Host: mx. is not in the cert's altnames: DNS:debian",
      /tls\.reject/,
    ],
    ['535 5.7.8 Error: authentication failed', /user and password/],
    ['connect ECONNREFUSED 192.0.2.1:587', /host and port/],
    ['421 4.3.2 Too many connections', /host and port/],
  ])('of a server that does not let us in: %s', (reason, remedy) => {
    const closesAt = new Date('2026-11-22T10:00:30Z');
    const change = { kind: 'unreachable', reason, closesAt, openCount: 3, waiting: 41 } as const;
    expect(read(change)).toEqual([
      `The mail server mail.example:587 does not let us in: “${reason}”`,
      '41 mails wait since 10:00.',
      'Mail through this server waits and is not lost. No reader was counted as bounced.',
      expect.stringMatching(remedy),
      'A few messages try it again at 10:00. It was tried 2 times in vain. To send all of it now, press the button.',
    ]);
  });

  test('of a server that refuses us', () => {
    expect(read({})).toEqual([
      'The mail server mail.example:587 refuses our mail: 21 of its last 24 answers were about us, like this one: “554 5.7.1 Blocked”',
      'Mail through this server waits and is not lost. No reader was counted as bounced.',
      'Mend what the answer names (often the login, the sender’s domain or a block list). Then press the button.',
    ]);
  });

  test('of one that signs mail itself, the setting for it is named', () => {
    const reason = "554 Transaction failed: Duplicate header 'DKIM-Signature'.";
    expect(read({ reason })[2]).toBe(
      'This server signs mail itself and takes none that has a DKIM signature: add rewrites=true to its URL in SMTP_URL and restart, so that mail through it is not signed here. ' +
        'Mend what the answer names (often the login, the sender’s domain or a block list). Then press the button.',
    );
    expect(read({ reason, closesAt: now })[2]).toMatch(
      /^This server signs .* here\. The next few messages try/,
    );
  });

  test('of a domain whose probes failed', () => {
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

  test('of one whose time has come, but without mail to probe it with', () => {
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
      'Mail to school.example waits. So many at once are hardly all true: no reader is suppressed for it, and all get the next digest once mail goes there again.',
      'Find out whether the domain has a fault or the list is wrong. Then press the button.',
    ]);
  });
});

test('a waiting delivery says why, without the reply to another reader', () => {
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
