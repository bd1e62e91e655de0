import { describe, expect, test } from '@jest/globals';
import { classifyReply } from '../../../src/platform/mail/classify/classify-reply.js';
import { assessReply, type ReplyHealth } from '../../../src/transports/circuits/reply-health.js';

describe('what a reply says about us', () => {
  test.each<[ReplyHealth | undefined, 'rcpt' | 'final-dot', number, string]>([
    ['healthy', 'final-dot', 250, '2.0.0 Ok: queued as 4Xyz'],
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
    ['healthy', 'rcpt', 452, '4.2.2 The recipient’s inbox is over quota'],
    ['healthy', 'rcpt', 451, '4.3.0 Mail server temporarily rejected message'],
    ['healthy', 'rcpt', 450, '4.2.0 Greylisted, see http://postgrey.example/help'],
    ['healthy', 'rcpt', 451, '4.7.1 Grey-listing in action, please come back later'],
    ['healthy', 'rcpt', 421, 'You have been graylisted'],
  ])('%s: %s %d %s', (health, stage, code, text) => {
    expect(assessReply(classifyReply(stage, code, text))).toBe(health);
  });

  test('without a reply it says nothing', () => {
    expect(assessReply({ kind: 'not-sent', reply: 'connection reset' })).toBeUndefined();
    expect(assessReply({ kind: 'uncertain', reply: 'connection reset' })).toBeUndefined();
    expect(assessReply({ kind: 'withdrawn' })).toBeUndefined();
  });
});
