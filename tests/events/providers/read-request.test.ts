import { describe, expect, test } from '@jest/globals';
import type { IncomingEvent } from '../../../src/events/event.js';
import type { Provider } from '../../../src/events/providers/provider.js';
import { readRequest } from '../../../src/events/providers/read-request.js';
import { sesBounce, sesComplaint } from '../../support/amazon.js';

const NOW = new Date('2026-11-22T09:00:00Z');

function read(provider: Provider, content: unknown): IncomingEvent | undefined {
  const { events, unread } = readRequest(provider, Buffer.from(JSON.stringify(content)), NOW);
  expect(unread).toBe(0);
  expect(events.length).toBeLessThan(2);
  return events[0];
}

const ses = (Message: string) => ({ Type: 'Notification', Message });
const bounced = (type: string, subtype: string, diagnosticCode?: string, status?: string) =>
  ses(
    sesBounce(
      { messageId: '1', recipient: 'ada@example.com' },
      {
        bounceType: type,
        bounceSubType: subtype,
        bouncedRecipients: [{ emailAddress: 'ada@example.com', status, diagnosticCode }],
      },
    ),
  );
const mailgun = (event: object) => ({
  'event-data': { id: '1', recipient: 'ada@example.com', message: { headers: {} }, ...event },
});
const failed = (severity: string, reason: string, message = '', code = 550) =>
  mailgun({ event: 'failed', severity, reason, 'delivery-status': { code, message } });
const postmark = (TypeCode: number, Details = '') => ({
  RecordType: 'Bounce',
  ID: 1,
  TypeCode,
  Email: 'ada@example.com',
  Details,
});
const sendgrid = (event: object) => [{ email: 'ada@example.com', sg_event_id: '1', ...event }];
const brevo = (event: string, reason?: string) => ({ event, email: 'ada@example.com', reason, ts_event: 1 });

const GONE = '550 5.1.1 The email account that you tried to reach does not exist';
const FULL = '552 5.2.2 The mailbox is full (over quota)';
const US = '550 5.7.1 Our system has detected that this message is unsolicited: blocked using Spamhaus';

test.each<[string, Provider, unknown, IncomingEvent['class'] | undefined]>([
  [
    'Permanent, General, with words about the address',
    'ses',
    bounced('Permanent', 'General', `smtp; ${GONE}`),
    'hard',
  ],
  [
    'Permanent, General, with words about us',
    'ses',
    bounced('Permanent', 'General', `smtp; ${US}`),
    'sender-fault',
  ],
  [
    'Permanent, General, with words about a full mailbox',
    'ses',
    bounced('Permanent', 'General', FULL),
    'soft',
  ],
  ['Permanent, General, without words', 'ses', bounced('Permanent', 'General'), 'hard'],
  ['Permanent, of a newer subtype', 'ses', bounced('Permanent', 'Newer'), 'hard'],
  ['on the list of the account', 'ses', bounced('Permanent', 'OnAccountSuppressionList'), 'hard'],
  ['Transient, MailboxFull', 'ses', bounced('Transient', 'MailboxFull'), 'soft'],
  [
    'Transient, General, with words about the address',
    'ses',
    bounced('Transient', 'General', GONE, '5.1.1'),
    'soft',
  ],
  ['Transient, General, without words: an absence note', 'ses', bounced('Transient', 'General'), 'none'],
  ['ContentRejected', 'ses', bounced('Transient', 'ContentRejected', GONE), 'sender-fault'],
  ['a type of a newer day', 'ses', bounced('Newer', 'Newer', FULL), 'soft'],
  ['a complaint', 'ses', ses(sesComplaint({ messageId: '1', recipient: 'ada@example.com' })), 'complaint'],
  ['not-spam', 'ses', ses(sesComplaint({ messageId: '1', recipient: 'a@example.com' }, 'not-spam')), 'none'],
  [
    'auth-failure',
    'ses',
    ses(sesComplaint({ messageId: '1', recipient: 'a@example.com' }, 'auth-failure')),
    'none',
  ],
  ['temporary', 'mailgun', failed('temporary', 'generic', GONE), 'delayed'],
  ['permanent, bounce', 'mailgun', failed('permanent', 'bounce', '5.1.1 User unknown'), 'hard'],
  ['permanent, about us', 'mailgun', failed('permanent', 'bounce', US), 'sender-fault'],
  ['permanent, espblock', 'mailgun', failed('permanent', 'espblock', GONE), 'sender-fault'],
  ['permanent, old', 'mailgun', failed('permanent', 'old', 'Too old', 602), 'soft'],
  ['permanent, suppress-complaint', 'mailgun', failed('permanent', 'suppress-complaint'), 'complaint'],
  ['permanent, suppress-unsubscribe', 'mailgun', failed('permanent', 'suppress-unsubscribe'), 'unsubscribe'],
  ['permanent, of a newer reason', 'mailgun', failed('permanent', 'newer', GONE), 'hard'],
  ['unsubscribed', 'mailgun', mailgun({ event: 'unsubscribed' }), 'unsubscribe'],
  ['clicked', 'mailgun', mailgun({ event: 'clicked' }), undefined],
  ['a hard bounce', 'postmark', postmark(1, `smtp;${GONE}`), 'hard'],
  ['a hard bounce about us', 'postmark', postmark(1, US), 'sender-fault'],
  ['a soft bounce with words about the address', 'postmark', postmark(4096, GONE), 'soft'],
  ['a delay', 'postmark', postmark(2, GONE), 'delayed'],
  ['an absence note', 'postmark', postmark(64), 'auto-reply'],
  ['a challenge', 'postmark', postmark(16384), 'auto-reply'],
  ['a block', 'postmark', postmark(100006, GONE), 'sender-fault'],
  ['a bad address', 'postmark', postmark(100000), 'hard'],
  ['a type of a newer day', 'postmark', postmark(424242, GONE), 'soft'],
  ['an open', 'postmark', { RecordType: 'Open' }, undefined],
  [
    'a bounce',
    'sendgrid',
    sendgrid({ event: 'bounce', type: 'bounce', reason: GONE, status: '5.1.1' }),
    'hard',
  ],
  [
    'a block with words about the address',
    'sendgrid',
    sendgrid({ event: 'bounce', type: 'blocked', reason: GONE }),
    'soft',
  ],
  [
    'a bounce for our reputation',
    'sendgrid',
    sendgrid({ event: 'bounce', type: 'bounce', bounce_classification: 'Reputation', reason: GONE }),
    'sender-fault',
  ],
  [
    'a host that is none, without a status',
    'sendgrid',
    sendgrid({
      event: 'bounce',
      type: 'blocked',
      bounce_classification: 'Unclassified',
      reason: 'unable to get mx info',
    }),
    'soft',
  ],
  ['dropped, bounced before', 'sendgrid', sendgrid({ event: 'dropped', reason: 'Bounced Address' }), 'hard'],
  [
    'dropped for us',
    'sendgrid',
    sendgrid({ event: 'dropped', reason: 'Spam Content (if Spam Checker app enabled)' }),
    'sender-fault',
  ],
  ['deferred', 'sendgrid', sendgrid({ event: 'deferred', response: '451 4.7.1 try again later' }), 'delayed'],
  ['a group unsubscribe', 'sendgrid', sendgrid({ event: 'group_unsubscribe' }), 'unsubscribe'],
  ['processed', 'sendgrid', sendgrid({ event: 'processed' }), undefined],
  ['a hard bounce', 'brevo', brevo('hard_bounce', GONE), 'hard'],
  ['a hard bounce about us', 'brevo', brevo('hard_bounce', US), 'sender-fault'],
  ['a soft bounce', 'brevo', brevo('soft_bounce', FULL), 'soft'],
  ['blocked', 'brevo', brevo('blocked', 'blocked : due to blacklist user'), 'soft'],
  ['deferred', 'brevo', brevo('deferred'), 'delayed'],
  ['an unsubscription', 'brevo', brevo('unsubscribed'), 'unsubscribe'],
  ['a click', 'brevo', brevo('click'), undefined],
])('%s (%s)', (_, provider, content, expected) => {
  expect(read(provider, content)?.class).toBe(expected);
});

describe('of an event', () => {
  test('the status, code and words of the receiving server are kept', () => {
    expect(read('ses', bounced('Permanent', 'General', `smtp; ${GONE}`, '5.1.1'))).toMatchObject({
      status: '5.1.1',
      code: 550,
      reason: GONE,
      isAuthenticated: true,
    });
  });

  test('the key has no address in it, and is the same each time', () => {
    const [one, again] = [read('brevo', brevo('spam')), read('brevo', brevo('spam'))];
    expect(one?.key).toBe(again?.key);
    expect(JSON.stringify(one?.key)).not.toContain('ada');
    expect(read('brevo', { ...brevo('spam'), email: 'ben@example.com' })?.key).not.toBe(one?.key);
  });

  test('a moment that is missing, wrong or yet to come is when it came', () => {
    for (const BouncedAt of [undefined, 'nonsense', '2099-01-01T00:00:00Z'])
      expect(read('postmark', { ...postmark(1), BouncedAt })?.occurredAt).toEqual(NOW);
  });

  test('each recipient of a bounce is one', () => {
    const recipients = ['ada@example.com', 'ben@example.com'].map((emailAddress) => ({ emailAddress }));
    const message = sesBounce({ messageId: '1', recipient: '' }, { bouncedRecipients: recipients });
    const { events } = readRequest('ses', Buffer.from(JSON.stringify(ses(message))), NOW);
    expect(new Set(events.map(({ key }) => key)).size).toBe(2);
  });
});

test('an item that is not as documented stops no other', () => {
  const items = [
    ...sendgrid({ event: 'spamreport' }),
    null,
    { event: 'bounce' },
    'text',
    ...sendgrid({ event: 'open' }),
  ];
  const { events, ignored, unread } = readRequest('sendgrid', Buffer.from(JSON.stringify(items)), NOW);
  expect([events.length, ignored, unread]).toEqual([1, 1, 3]);
});
