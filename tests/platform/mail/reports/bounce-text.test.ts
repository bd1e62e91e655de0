import { describe, expect, test } from '@jest/globals';
import type { Diagnosis } from '../../../../src/platform/mail/classify/diagnosis.js';
import { readReport } from '../../../../src/platform/mail/reports/read-report.js';
import { mail, multipart } from './mails.js';

const RETURNED = [
  'Return-Path: <b-token@bounces.example.org>',
  'Received: from news.example.org by mx.example.net',
  'From: news@example.org',
  'To: ada@example.com',
  'Message-ID: <m-1.signed@example.org>',
  '',
  'bo@example.com is no recipient: no such user',
];

type Case = [server: string, diagnosis: Diagnosis, lines: string[], headers?: Record<string, string>];

/** What servers write that know no RFC 3464, in our words where theirs are long. */
const CASES: Case[] = [
  [
    'Exim, refused before any mail',
    'refused-sender',
    [
      'The following address(es) failed:',
      '',
      '  ada@example.com',
      '    host mx.example.com [192.0.2.1]',
      '    SMTP error from remote mail server after initial connection:',
      '    554 No service here',
    ],
    { Subject: 'Mail delivery failed: returning message to sender' },
  ],
  [
    'Gmail, in words',
    'unknown-address',
    [
      'Delivery to the following recipient failed permanently:',
      '',
      '     ada@example.com',
      '',
      'Google tried to deliver your message, but it was rejected by the recipient domain.',
      'The error that the other server returned was: 550 550 <ada@example.com>... User unknown (state 14).',
    ],
    { Subject: 'Delivery Status Notification (Failure)' },
  ],
  [
    'Courier',
    'unknown-domain',
    [
      'This is a delivery status notification from mx.example.net.',
      '',
      '                           UNDELIVERABLE MAIL',
      '',
      'Your message to the following recipients cannot be delivered:',
      '',
      '<ada@example.com>:',
      '    No such domain.',
    ],
    { Subject: 'NOTICE: mail delivery status.' },
  ],
  [
    'SurfControl',
    'unknown-address',
    [
      'Your message could not be sent.',
      'A transcript of the attempts to send the message follows.',
      'Addressed To: ada@example.com',
      '',
      'ada@example.com: [192.0.2.1], 550 ada@example.com... No such user',
    ],
    { Subject: 'Returned mail' },
  ],
  [
    'Notes',
    'unknown-address',
    [
      '------- Failure Reasons  --------',
      '',
      'User not listed in public Name & Address Book',
      'ada@example.com',
      '',
      '------- Returned Message --------',
    ],
    { Subject: '' },
  ],
  [
    'OpenSMTPD',
    'unknown-domain',
    [
      'An error has occurred while attempting to deliver a message for',
      'the following list of recipients:',
      '',
      'ada@example.com: No MX found for domain',
      '',
      'Below is a copy of the original message:',
    ],
    { Subject: 'Delivery status notification: error' },
  ],
  [
    'qmail',
    'unknown-address',
    [
      'Hi. This is the qmail-send program at mx.example.net.',
      "I'm afraid I wasn't able to deliver your message to the following addresses.",
      "This is a permanent error; I've given up. Sorry it didn't work out.",
      '',
      '<ada@example.com>:',
      'Sorry, no mailbox here by that name. (#5.1.1)',
      '',
      '--- Below this line is a copy of the message.',
    ],
    { Subject: 'failure notice' },
  ],
  [
    'Exim',
    'unknown-address',
    [
      'This message was created automatically by mail delivery software.',
      'The following address(es) failed:',
      '',
      '  ada@example.com',
      '    SMTP error from remote mail server after RCPT TO:<ada@example.com>:',
      '    host mx.example.com [192.0.2.1]: 550 User unknown',
      '',
      '------ This is a copy of the message, including all the headers. ------',
    ],
    {
      'X-Failed-Recipients': 'ada@example.com',
      Subject: 'Mail delivery failed: returning message to sender',
    },
  ],
  [
    'Exim, redirected',
    'full-mailbox',
    [
      'The following address(es) failed:',
      '',
      '  an undisclosed address',
      '    (generated from ada@example.com)',
      '    mailbox is full: retry timeout exceeded',
      '',
      '------ This is a copy of the message, including all the headers. ------',
    ],
  ],
  [
    'sendmail',
    'unknown-address',
    [
      '   ----- The following addresses had permanent fatal errors -----',
      '<ada@example.com>',
      '',
      '   ----- Transcript of session follows -----',
      '... while talking to mx.example.com.:',
      '>>> RCPT To:<ada@example.com>',
      '<<< 550 5.1.1 <ada@example.com>... User unknown',
      '',
      '   ----- Original message follows -----',
    ],
  ],
  [
    'Exchange 5.5',
    'unknown-address',
    [
      'Your message',
      '',
      '  To:      bo@example.com',
      '  Subject: Three stories',
      '',
      'did not reach the following recipient(s):',
      '',
      'ada@example.com on Mon, 30 Nov 2026 08:00:00 -0000',
      '    The recipient name is not recognized',
      '    MSEXCH:IMS:A:B:C 0 (000C05A6) Unknown Recipient',
    ],
    { Subject: 'Undeliverable: Three stories', From: 'System Administrator <postmaster@example.com>' },
  ],
  [
    'Domino',
    'unknown-address',
    [
      'Your message',
      '',
      '  Subject: Three stories',
      '',
      'was not delivered to:',
      '',
      '  ada@example.com',
      '',
      'because:',
      '',
      '  User ada (ada@example.com) not listed in Domino Directory',
    ],
    { Subject: 'DELIVERY FAILURE: User ada (ada@example.com) not listed in Domino Directory' },
  ],
  [
    'X.400',
    'unknown-address',
    [
      'did not reach the following recipient(s):',
      '',
      'c=US;a= ;p=X;dda:SMTP=ada@example.com; on Mon',
      '    Unknown Recipient',
    ],
    { Subject: 'Undeliverable: Three stories' },
  ],
  [
    'Yahoo',
    'closed-mailbox',
    [
      'Message from yahoo.example.',
      'Unable to deliver message to the following address(es).',
      '',
      '<ada@example.com>:',
      'Sorry your message to ada@example.com cannot be delivered. This account has been disabled or discontinued [#102].',
      '',
      '--- Original message follows.',
    ],
    { Subject: 'Delivery failure' },
  ],
  [
    'a German one in HTML',
    'unknown-address',
    [
      '<html><head><title>x</title></head><body><p>Die Nachricht konnte nicht zugestellt werden:</p>',
      '<p>&lt;ada@example.com&gt;<br>Empfänger unbekannt</p></body></html>',
    ],
    { 'Content-Type': 'text/html; charset=utf-8', Subject: 'Unzustellbar: Three stories' },
  ],
  [
    'InterScan',
    'unknown-address',
    [
      '****** Message from InterScan Messaging Security Suite ******',
      'Sent <<< RCPT TO:<ada@example.com>',
      'Received >>> 550 5.1.1 unknown user.',
      'Unable to deliver message to <ada@example.com>.',
    ],
    { Subject: 'Mail could not be delivered', From: 'imss@example.com' },
  ],
  [
    'one that says why before it says who, and repeats the envelope',
    'unknown-address',
    [
      'Error message below:',
      '550 - Requested action not taken: no such user here',
      '',
      '  MAIL FROM: news@example.org',
      '  RCPT TO: ada@example.com',
      'Original Sender:    <news@example.org>',
    ],
    { Subject: 'Re:Three stories', From: 'post_master@example.com', 'In-Reply-To': '<x@example.org>' },
  ],
  [
    'one whose words are about us',
    'refused-sender',
    ['<ada@example.com>: host mx said: 550 5.1.1 User unknown; your IP is on our block list'],
  ],
  [
    'one that says nothing known',
    'unknown',
    ['Your message was not delivered to:', '', '  ada@example.com', '  hm'],
  ],
];

describe('a bounce in words', () => {
  test.each(CASES)(
    'of %s says %s of the one recipient it names',
    (_server, diagnosis, lines, headers = {}) => {
      const isHtml = headers['Content-Type']?.includes('html') === true;
      const body = [...lines, ...(isHtml ? [] : ['', '--- Original message follows.', '', ...RETURNED])].join(
        '\n',
      );
      const report = readReport(mail({ headers, body }));
      expect(report.kind).toBe('bounce-text');
      expect(report.recipients.map((one) => [one.recipient, one.diagnosis])).toEqual([
        ['ada@example.com', diagnosis],
      ]);
      expect(report.messageIds).toEqual(isHtml ? [] : ['m-1.signed@example.org']);
      expect(report.returnPaths).toContain('b-token@bounces.example.org');
    },
  );

  test('has a class for each of its recipients', () => {
    const body = [
      'I was not able to deliver your message to the following addresses.',
      '',
      '<ada@example.com>:',
      'No such user',
      '',
      '<bo@example.com>:',
      "The user's mailfolder is full.",
      '',
      '<cy@example.com>:',
      'Connection timed out',
    ].join('\n');
    const { recipients } = readReport(mail({ headers: { Subject: 'failure notice' }, body }));
    expect(recipients.map((one) => [one.recipient, one.class])).toEqual([
      ['ada@example.com', 'hard'],
      ['bo@example.com', 'soft'],
      ['cy@example.com', 'soft'],
    ]);
  });

  test.each([
    'A message that you sent has not yet been delivered to:\n\n  ada@example.com\n\nNo action is required on your part. Eventually the message will be returned to you.',
    'THIS IS A WARNING MESSAGE ONLY.\n\nDelivery to the following recipient has been delayed:\n\n  ada@example.com',
    'Delivery attempts will continue to be made for 5 days to:\nada@example.com',
  ])('that is only a delay gives up nobody: %s', (body) => {
    const { recipients } = readReport(
      mail({ headers: { Subject: 'Warning: message delayed 24 hours' }, body }),
    );
    expect(recipients).toMatchObject([{ recipient: 'ada@example.com', class: 'delayed' }]);
  });

  test('without an address is still told, with nobody named', () => {
    const { recipients } = readReport(mail({ body: 'Your message could not be delivered.' }));
    expect(recipients).toMatchObject([{ addresses: [], class: 'sender-fault' }]);
    expect(recipients[0]).not.toHaveProperty('recipient');
  });

  test("does not take the mail system's own addresses, or ours, for recipients", () => {
    const body = [
      'Your message from news@example.org to <ada@example.com> could not be delivered: mailbox full.',
      'For help write to postmaster@mx.example.net or support@mx.example.net.',
    ].join('\n');
    const { recipients } = readReport(mail({ body }));
    expect(recipients.map(({ recipient }) => recipient)).toEqual(['ada@example.com']);
  });
});

test("a reader's own mail is no report", () => {
  const headers = {
    'Return-Path': '<ada@example.com>',
    From: 'Ada <ada@example.com>',
    Subject: 'Re: Three stories',
  };
  const body = 'Yesterday my mailbox was full and your mail could not be delivered. Could you send it again?';
  expect(readReport(mail({ headers, body }))).toMatchObject({ kind: 'other', recipients: [] });
});

test('lines may end with CR alone, and the returned mail may be a part that does not say so', () => {
  const raw = multipart('multipart/mixed', [
    {
      type: 'text/plain',
      body: '---The following addresses had delivery errors---\n\nada@example.com [User unknown]',
    },
  ])
    .toString()
    .replace('--=_b--', `--=_b\n${RETURNED.join('\n')}\n--=_b--`)
    .replace(/\r?\n/g, '\r');
  expect(readReport(Buffer.from(raw))).toMatchObject({
    recipients: [{ recipient: 'ada@example.com', class: 'hard' }],
    messageIds: ['m-1.signed@example.org'],
  });
});

test('a postmaster can be a recipient too, and so can who mails herself', () => {
  const read = (body: string) => readReport(mail({ body })).recipients.map(({ recipient }) => recipient);
  expect(read('These had delivery problems:\npostmaster@example.com\n\nmailbox full')).toEqual([
    'postmaster@example.com',
  ]);
  expect(read('These had delivery problems:\nb-token@bounces.example.org\n\nmailbox full')).toEqual([
    'b-token@bounces.example.org',
  ]);
});

test('mail to an alias that was passed on is about the alias, and names both', () => {
  const body = [
    '----- The following addresses had permanent fatal errors -----',
    'ada@elsewhere.example',
    '    (expanded from: <ada@example.com>)',
    '550 User unknown',
  ].join('\n');
  expect(readReport(mail({ body })).recipients).toMatchObject([
    { recipient: 'ada@example.com', addresses: ['ada@example.com', 'ada@elsewhere.example'], class: 'hard' },
  ]);
});
