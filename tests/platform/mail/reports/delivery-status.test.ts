import { expect, test } from '@jest/globals';
import { readReport } from '../../../../src/platform/mail/reports/read-report.js';
import { deliveryReport, multipart, OURS } from './mails.js';

function block(fields: Record<string, string>): string {
  return Object.entries(fields)
    .map(([name, value]) => `${name}: ${value}`)
    .join('\n');
}

const ADA = 'rfc822; ada@example.com';

test('each recipient has a class of its own, and the report says which mail of ours it is about', () => {
  const report = readReport(
    deliveryReport([
      block({
        'Final-Recipient': ADA,
        Action: 'failed',
        Status: '5.1.1',
        'Diagnostic-Code': 'smtp; 550 5.1.1 unknown',
      }),
      block({ 'Final-Recipient': 'rfc822; bo@example.com', Action: 'delayed', Status: '4.4.1' }),
      block({ 'Final-Recipient': 'rfc822; cy@example.com', Action: 'delivered', Status: '2.0.0' }),
      block({ 'Final-Recipient': 'rfc822; di@example.com', Action: 'failed', Status: '4.4.7' }),
      block({
        'Final-Recipient': 'rfc822; ed@example.com',
        Action: 'failed',
        Status: '5.1.1',
        'Diagnostic-Code': 'smtp; 550 5.1.1 Refused: listed at zen.spamhaus.org',
      }),
    ]),
  );
  expect(report.recipients.map((one) => [one.recipient, one.class, one.scope, one.diagnosis])).toEqual([
    ['ada@example.com', 'hard', 'mailbox', 'unknown-address'],
    ['bo@example.com', 'delayed', 'mailbox', undefined],
    ['cy@example.com', 'none', 'mailbox', undefined],
    ['di@example.com', 'soft', 'domain', 'expired'],
    ['ed@example.com', 'sender-fault', 'us', 'refused-sender'],
  ]);
  expect(report).toMatchObject({
    kind: 'delivery-status',
    messageIds: ['m-1.signed@example.org'],
    date: new Date('2026-11-30T08:00:00Z'),
  });
  expect(report.returnPaths).toEqual(['b-token@bounces.example.org', 'news@example.org']);
});

test.each([
  ['5.1.1', '550 5.7.1 blocked using an RBL', 'refused-sender'],
  ['5.0.0', '550 5.1.1 nobody of that kind', 'unknown-address'],
  ['4.0.0', 'Connection timed out', 'no-connection'],
  ['4.1.1', '450 4.1.1 User unknown', 'unknown-address'],
  ['5.4.4', 'Host or domain name not found', 'unknown-domain'],
  ['5.2.2', '552 5.2.2 Mailbox full', 'full-mailbox'],
  ['5.3.4', '552 5.3.4 Message too big', 'too-large'],
  ['5.0.0', 'no words that anybody knows', 'unknown'],
])('status %s with "%s" is %s', (status, words, diagnosis) => {
  const fields = {
    'Final-Recipient': ADA,
    Action: 'failed',
    Status: status,
    'Diagnostic-Code': `smtp; ${words}`,
  };
  expect(readReport(deliveryReport([block(fields)])).recipients).toMatchObject([
    { diagnosis, reason: words },
  ]);
});

test('what is temporary or unknown never gives a reader up, whatever the words', () => {
  for (const fields of [
    { Status: '4.1.1', 'Diagnostic-Code': 'smtp; 450 4.1.1 User unknown' },
    { Status: '5.9.9', 'Diagnostic-Code': 'smtp; 599 hm' },
    { Status: '', 'Diagnostic-Code': '' },
  ]) {
    const [one] = readReport(
      deliveryReport([block({ 'Final-Recipient': ADA, Action: 'failed', ...fields })]),
    ).recipients;
    expect(one?.class).not.toBe('hard');
  }
});

test.each([
  ['rfc822;ada@example.com', 'ada@example.com'],
  ['utf-8; jörg@bücher.example', 'jörg@bücher.example'],
  ['utf-8; j\\x{F6}rg@example.com', 'jörg@example.com'],
  ['RFC822; Ada Lovelace <ada@example.com>', 'ada@example.com'],
  ['rfc822; "ada b"@example.com', '"ada b"@example.com'],
  ['X400; /G=Ada/S=L/ (SMTP=ada@example.com)', 'ada@example.com'],
])('the address is read from Final-Recipient: %s', (field, recipient) => {
  const fields = block({ 'Final-Recipient': field, Action: 'failed', Status: '5.1.1' });
  expect(readReport(deliveryReport([fields])).recipients).toMatchObject([{ recipient }]);
});

test('the address we mailed comes before the one it was forwarded to, and both are told', () => {
  const fields = {
    'Final-Recipient': 'rfc822; ada@elsewhere.example',
    'Original-Recipient': ADA,
    Action: 'failed',
  };
  expect(readReport(deliveryReport([block(fields)])).recipients).toMatchObject([
    { recipient: 'ada@example.com', addresses: ['ada@example.com', 'ada@elsewhere.example'] },
  ]);
});

test('blocks that nothing separates, and one that is repeated, are one for each recipient', () => {
  const one = block({ 'Final-Recipient': ADA, Action: 'failed', Status: '5.1.1' });
  const other = block({ 'Final-Recipient': 'rfc822; bo@example.com', Action: 'failed', Status: '5.1.1' });
  const report = readReport(deliveryReport([[one, other].join('\n'), one]));
  expect(report.recipients.map(({ recipient }) => recipient)).toEqual(['ada@example.com', 'bo@example.com']);
});

test('where the report has no words, those of its text beside the address count', () => {
  const fields = block({ 'Final-Recipient': ADA, Action: 'failed', Status: '5.0.0' });
  const text = 'These failed:\n\n<ada@example.com>: host mx.example.com said: 552 mailbox is over quota\n';
  expect(readReport(deliveryReport([fields], text)).recipients).toMatchObject([
    { diagnosis: 'full-mailbox' },
  ]);
});

test('a report inside a message that somebody forwarded is read', () => {
  const inner = deliveryReport([
    block({ 'Final-Recipient': ADA, Action: 'failed', Status: '5.1.1' }),
  ]).toString();
  const wrapped = multipart('multipart/mixed', [
    { type: 'text/plain', body: 'See below' },
    { type: 'message/rfc822', body: inner.replace(/=_b/g, '=_inner') },
  ]);
  expect(readReport(wrapped)).toMatchObject({
    kind: 'delivery-status',
    recipients: [{ recipient: 'ada@example.com', class: 'hard' }],
    messageIds: ['m-1.signed@example.org'],
  });
});

test('a notification that a mail was read changes nothing; one that refuses it says why', () => {
  const notification = (text: string, disposition: string) =>
    readReport(
      multipart('multipart/report; report-type=disposition-notification', [
        { type: 'text/plain', body: text },
        {
          type: 'message/disposition-notification',
          body: `Final-Recipient: ${ADA}\nDisposition: ${disposition}`,
        },
        OURS,
      ]),
    );
  expect(notification('It was read', 'manual-action/MDN-sent-manually; displayed')).toMatchObject({
    kind: 'disposition',
    recipients: [{ class: 'none' }],
  });
  expect(
    notification(
      'Your message was automatically rejected:\nQuota exceeded',
      'automatic-action/MDN-sent-automatically; deleted',
    ),
  ).toMatchObject({
    recipients: [{ class: 'soft', diagnosis: 'full-mailbox', recipient: 'ada@example.com' }],
  });
});
