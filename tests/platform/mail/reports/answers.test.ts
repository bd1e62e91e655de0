import { describe, expect, test } from '@jest/globals';
import { readReport } from '../../../../src/platform/mail/reports/read-report.js';
import { mail, multipart, OURS } from './mails.js';

const ADA = { From: 'Ada <ada@example.com>' };

describe('an automatic answer', () => {
  test.each<[string, Record<string, string>, string]>([
    [
      'RFC 3834',
      { ...ADA, 'Auto-Submitted': 'auto-replied', Subject: 'Thank you' },
      'I will answer next week.',
    ],
    ['Precedence', { ...ADA, Precedence: 'auto_reply', Subject: 'Gracias' }, 'Gracias por escribir'],
    ['English', { ...ADA, Subject: 'Automatic reply: Three stories' }, 'I am away.'],
    ['German', { ...ADA, Subject: 'Abwesenheitsnotiz: Three stories' }, 'Ich bin im Urlaub.'],
    ['French', { ...ADA, Subject: '=?utf-8?Q?R=C3=A9ponse_automatique_:_x?=' }, 'Je suis absente.'],
    ['Japanese', { ...ADA, Subject: '=?utf-8?B?6Ieq5YuV6L+U5L+h?=' }, '不在です'],
    ['no return path', { ...ADA, Subject: 'Hello' }, 'I am out of the office and will be back on Monday.'],
    [
      'gone',
      { ...ADA, 'Auto-Submitted': 'auto-replied', Subject: 'x' },
      'She is no longer with us; mailbox closed.',
    ],
  ])('is known by %s', (_by, headers, body) => {
    expect(readReport(mail({ headers, body }))).toMatchObject({
      kind: 'auto-reply',
      recipients: [{ recipient: 'ada@example.com', class: 'auto-reply' }],
    });
  });

  test.each([
    'This account is protected by a filter. Please click on the following link to have your address added.',
    'Please verify that you are a person: click on the link below to deliver your message.',
    'Your message has been held. To release it, please reply to this mail so that it can be delivered, confirm it.',
  ])('that asks whether a person wrote is a challenge: %s', (body) => {
    const headers = { ...ADA, Subject: 'Your message', 'Auto-Submitted': 'auto-replied' };
    expect(readReport(mail({ headers, body }))).toMatchObject({
      kind: 'challenge',
      recipients: [{ class: 'auto-reply' }],
    });
  });
});

function feedback(fields: string[], returned = OURS) {
  return readReport(
    multipart('multipart/report; report-type=feedback-report', [
      { type: 'text/plain', body: 'This is a report for a mail from 192.0.2.1.' },
      { type: 'message/feedback-report', body: ['User-Agent: Any/1', 'Version: 1', ...fields].join('\n') },
      returned,
    ]),
  );
}

describe('a feedback report', () => {
  test.each([
    ['abuse', 'complaint'],
    ['fraud', 'complaint'],
    ['other', 'complaint'],
    ['opt-out', 'unsubscribe'],
    ['not-spam', 'none'],
    ['auth-failure', 'none'],
    ['virus', 'sender-fault'],
  ])('of the type %s is %s', (type, of) => {
    expect(feedback([`Feedback-Type: ${type}`, 'Original-Rcpt-To: <ada@example.com>'])).toMatchObject({
      kind: 'feedback',
      feedbackType: type,
      recipients: [{ recipient: 'ada@example.com', class: of }],
      messageIds: ['m-1.signed@example.org'],
    });
  });

  test('without an address, or with a redacted one, leads to the mail by its ids alone', () => {
    const returned = { ...OURS, body: OURS.body.replace('To: ada@example.com', 'To: [redacted]@[redacted]') };
    const report = feedback(['Feedback-Type: abuse', 'Original-Rcpt-To: redacted-123@example.com'], returned);
    expect(report.recipients).toMatchObject([{ class: 'complaint', addresses: [] }]);
    expect(report.messageIds).toEqual(['m-1.signed@example.org']);
    expect(report.returnPaths).toContain('b-token@bounces.example.org');
  });

  test.each([
    ['text/rfc822-headers', OURS.body],
    [
      'message/rfc822',
      `X-HmXmrOriginalRecipient: ada@example.com\n${OURS.body.replace('To: ada@', 'To: x@')}`,
    ],
  ])('finds the address and the ids in a returned part of the type %s', (type, body) => {
    expect(feedback(['Feedback-Type: abuse'], { type, body })).toMatchObject({
      recipients: [{ recipient: 'ada@example.com' }],
      messageIds: ['m-1.signed@example.org'],
    });
  });

  test('of Hotmail is only the mail with a header that names the recipient', () => {
    const raw = multipart(
      'multipart/mixed',
      [{ type: 'message/rfc822', body: `X-HmXmrOriginalRecipient: ada@example.com\n${OURS.body}` }],
      { From: 'staff@hotmail.com', Subject: 'complaint about message from 192.0.2.1' },
    );
    expect(readReport(raw)).toMatchObject({
      kind: 'feedback',
      recipients: [{ recipient: 'ada@example.com', class: 'complaint' }],
    });
  });
});
