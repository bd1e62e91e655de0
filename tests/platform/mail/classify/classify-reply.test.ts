import { describe, expect, test } from '@jest/globals';
import { classifyReply, type ReplyStage } from '../../../../src/platform/mail/classify/classify-reply.js';
import { applies, BOUNCE_RULES, diagnose } from '../../../../src/platform/mail/classify/bounce-rules.js';
import { normalizedText, parseReply } from '../../../../src/platform/mail/classify/parse-reply.js';
import type { Outcome } from '../../../../src/platform/mail/classify/outcome.js';

type Row = [kind: Outcome['kind'], stage: ReplyStage, code: number, text: string];

const GMAIL: Row[] = [
  [
    'rejected',
    'rcpt',
    550,
    "5.1.1 The email account that you tried to reach does not exist. Please try\n5.1.1 double-checking the recipient's email address for typos or\n5.1.1 unnecessary spaces. For more information, go to\n5.1.1  https://support.google.com/mail/?p=NoSuchUser a1-20020a05 - gsmtp",
  ],
  ['rejected', 'rcpt', 550, '5.2.1 The email account that you tried to reach is inactive. - gsmtp'],
  [
    'deferred',
    'rcpt',
    550,
    '5.2.1 The user you are trying to contact is receiving mail at a rate that\n5.2.1 prevents additional messages from being delivered. - gsmtp',
  ],
  ['deferred', 'rcpt', 452, "4.2.2 The recipient's inbox is out of storage space. - gsmtp"],
  ['deferred', 'rcpt', 552, "5.2.2 The recipient's inbox is out of storage space and inactive. - gsmtp"],
  ['deferred', 'final-dot', 421, '4.7.28 Gmail has detected an unusual rate of unsolicited mail. - gsmtp'],
  ['deferred', 'final-dot', 421, '4.7.26 This mail is unauthenticated. - gsmtp'],
  [
    'sender-fault',
    'final-dot',
    550,
    '5.7.26 Unauthenticated email from example.com is not accepted due to DMARC - gsmtp',
  ],
  [
    'sender-fault',
    'final-dot',
    550,
    '5.7.25 The IP address sending this message does not have a PTR record. - gsmtp',
  ],
  ['sender-fault', 'final-dot', 552, "5.3.4 Your message exceeded Google's message size limits. - gsmtp"],
];

const MICROSOFT: Row[] = [
  [
    'sender-fault',
    'final-dot',
    550,
    '5.7.515 Access denied, sending domain example.com does not meet the required authentication level.',
  ],
  [
    'sender-fault',
    'mail',
    550,
    "5.7.1 Unfortunately, messages from [192.0.2.1] weren't sent. Please contact your Internet service provider since part of their network is on our block list (S3150).",
  ],
  [
    'rejected',
    'final-dot',
    550,
    '5.1.10 RESOLVER.ADR.RecipientNotFound; Recipient not found by SMTP address lookup',
  ],
  [
    'rejected',
    'rcpt',
    550,
    '5.4.1 Recipient address rejected: Access denied. [DB8EUR05FT012.eop-eur05.prod]',
  ],
  ['rejected', 'rcpt', 550, '5.5.0 Requested action not taken: mailbox unavailable (S2017062302).'],
  ['deferred', 'rcpt', 451, '4.7.500 Server busy. Please try again later from [192.0.2.1]. (S77719)'],
  ['sender-fault', 'mail', 501, '5.1.7 Invalid address'],
  ['sender-fault', 'rcpt', 550, '5.1.8 Access denied, bad outbound sender'],
];

const POSTFIX: Row[] = [
  [
    'rejected',
    'rcpt',
    550,
    '5.1.1 <ada@example.com>: Recipient address rejected: User unknown in local recipient table',
  ],
  ['rejected', 'rcpt', 550, '5.1.2 <ada@nowhere.example>: Recipient address rejected: Domain not found'],
  [
    'rejected',
    'rcpt',
    553,
    '5.1.3 <a..b@example.com>: Recipient address rejected: Bad recipient address syntax',
  ],
  [
    'rejected',
    'rcpt',
    550,
    '5.4.4 Host or domain name not found. Name service error for name=nowhere.example',
  ],
  ['rejected', 'rcpt', 550, '5.4.4 Unable to route'],
  ['sender-fault', 'rcpt', 554, '5.7.1 <ada@example.com>: Relay access denied'],
  [
    'sender-fault',
    'rcpt',
    554,
    '5.7.1 Service unavailable; Client host [192.0.2.1] blocked using zen.spamhaus.org; https://www.spamhaus.org/query/ip/192.0.2.1',
  ],
  ['sender-fault', 'rcpt', 550, '5.1.1 Message from 192.0.2.1 refused: listed at zen.spamhaus.org'],
  ['deferred', 'rcpt', 450, '4.2.0 <ada@example.com>: Recipient address rejected: Greylisted'],
  ['sender-fault', 'mail', 552, '5.3.4 Message size exceeds fixed limit'],
  ['sender-fault', 'data', 554, '5.5.1 Error: no valid recipients'],
  ['sender-fault', 'data', 550, '5.1.1 user unknown'],
  ['sender-fault', 'final-dot', 554, '5.7.1 Spam message rejected'],
];

const EXIM: Row[] = [
  ['rejected', 'rcpt', 550, 'Unrouteable address'],
  ['rejected', 'rcpt', 550, 'No Such User Here'],
  ['rejected', 'rcpt', 550, '<ada@example.com>: user not found'],
  [
    'sender-fault',
    'rcpt',
    550,
    'Verification failed for <news@example.org>\nThe account or domain may not exist, they may be blacklisted, or missing the proper dns entries.\nSender verify failed',
  ],
  ['sender-fault', 'rcpt', 550, 'relay not permitted'],
  ['deferred', 'rcpt', 552, 'mailbox is full (quota exceeded)'],
];

const YAHOO: Row[] = [
  [
    'rejected',
    'final-dot',
    554,
    "delivery error: dd This user doesn't have a yahoo.com account (ada@yahoo.com) [0] - mta1234.mail.bf1.yahoo.com",
  ],
  ['rejected', 'rcpt', 552, '1 Requested mail action aborted, mailbox not found'],
  [
    'sender-fault',
    'final-dot',
    554,
    '5.7.9 Message not accepted for policy reasons. See https://postmaster.yahooinc.com/error-codes',
  ],
  [
    'deferred',
    'mail',
    421,
    '4.7.0 [TSS04] Messages from 192.0.2.1 temporarily deferred due to unexpected volume or user complaints',
  ],
  [
    'sender-fault',
    'mail',
    553,
    '5.7.1 [BL21] Connections will not be accepted from 192.0.2.1, because the ip is in Spamhaus',
  ],
];

const OTHERS: Row[] = [
  ['rejected', 'rcpt', 556, 'Domain does not accept mail'],
  ['rejected', 'rcpt', 550, '#5.1.0 Address rejected: no such user'],
  ['rejected', 'rcpt', 550, '#5.1.0 Address rejected.'],
  // GMX says why in the line after it.
  [
    'sender-fault',
    'rcpt',
    550,
    'Requested action not taken: mailbox unavailable\nReject due to policy restrictions.',
  ],
  [
    'sender-fault',
    'rcpt',
    550,
    'Requested action not taken: mailbox unavailable\ninvalid DNS MX or A/AAAA resource record',
  ],
  ['sender-fault', 'rcpt', 554, '5.7.1 <ada@example.com>: Recipient address rejected: Access denied'],
  ['rejected', 'rcpt', 550, '<spam.blocked.rbl@example.com> User unknown'],
  ['sender-fault', 'rcpt', 550, 'Your host 5.1.1.2 is not welcome'],
  ['sender-fault', 'rcpt', 550, ''],
  ['uncertain', 'final-dot', 354, 'go ahead'],
  ['uncertain', 'final-dot', 999, 'what'],
  ['not-sent', 'data', 250, 'ok'],
];

/** Words that contradict the status beside them. */
const CONTRADICTIONS: Row[] = [
  ['deferred', 'rcpt', 550, '5.1.1 Too many recipients this hour'],
  ['deferred', 'rcpt', 550, '5.1.1 Too many invalid recipients'],
  ['deferred', 'rcpt', 550, '5.1.1 <ada@example.com>: rate limit exceeded'],
  ['refused', 'final-dot', 550, '5.1.1 Message refused due to recipient preferences'],
  ['sender-fault', 'rcpt', 550, '5.1.1 Session encryption required: use STARTTLS'],
  ['rejected', 'rcpt', 550, '5.1.1 Requested action not taken: mailbox unavailable'],
  ['rejected', 'rcpt', 550, '5.4.4 Host unknown'],
  ['rejected', 'rcpt', 550, '5.4.4 [internal] Domain Lookup Failed'],
  ['rejected', 'rcpt', 550, 'Domain is not reachable'],
  ['rejected', 'rcpt', 550, '5.1.2 Mailbox unavailable or host unknown'],
  ['rejected', 'rcpt', 550, 'Requested action not taken: mailbox unavailable'],
  ['deferred', 'rcpt', 450, 'Requested mail action not taken: mailbox unavailable'],
  ['deferred', 'rcpt', 550, 'Mailbox unavailable or access denied'],
  [
    'rejected',
    'rcpt',
    550,
    '5.7.1 <ada@example.com>: Recipient address rejected: User unknown in virtual alias table',
  ],
  ['rejected', 'rcpt', 553, 'sorry, this recipient is in my badrecipientto list (#5.7.1)'],
  ['deferred', 'rcpt', 552, '5.1.1 <ada@example.com>: mailbox quota exceeded'],
  ['deferred', 'final-dot', 550, '5.7.1 Mailbox is full'],
  ['sender-fault', 'rcpt', 550, '5.7.1 Sender unknown'],
];

/** Exchange's: of one mailbox, and of our set-up. */
const POLICIES: Row[] = [
  ['refused', 'rcpt', 550, '5.7.124 Sender not in allowed-senders list'],
  [
    'refused',
    'final-dot',
    550,
    '5.7.129 RESOLVER.RST.RestrictedToRecipientsPermission; not authorized to send to the recipient',
  ],
  [
    'refused',
    'final-dot',
    550,
    '5.7.133 RESOLVER.RST.SenderNotAuthenticatedForGroup; authentication required',
  ],
  ['refused', 'rcpt', 550, '5.7.134 RESOLVER.RST.SenderNotAuthenticatedForMailbox; authentication required'],
  ['refused', 'final-dot', 550, '5.2.3 RESOLVER.RST.RecipSizeLimit; message too large for this recipient'],
  ['sender-fault', 'rcpt', 550, '5.7.606 Access denied, banned sending IP [192.0.2.1]'],
  ['sender-fault', 'rcpt', 550, '5.7.1 Recipient not authorized, your IP has been found on a block list'],
];

test.each(BOUNCE_RULES)('$diagnosis: $example ($source)', (rule) => {
  expect(diagnose(replyOf(rule))).toBe(rule.diagnosis);
});

test.each(BOUNCE_RULES)('the rule for it applies: $example', (rule) => {
  expect(applies(rule, replyOf(rule))).toBe(true);
});

function replyOf({ code, example }: (typeof BOUNCE_RULES)[number]) {
  const replyCode = code ?? (example.startsWith('4.') ? 450 : 550);
  return { ...parseReply(replyCode, example), text: normalizedText(`${replyCode} ${example}`) };
}

test('what a server says before it knows the reader is true of all', () => {
  expect(classifyReply('mail', 550, '5.7.1 No')).toMatchObject({ isServerWide: true });
  expect(classifyReply('mail', 421, '4.7.0 Slow')).toMatchObject({ isServerWide: true });
  expect(classifyReply('rcpt', 550, '5.7.1 No')).not.toHaveProperty('isServerWide');
});

describe.each([
  ['servers that contradict themselves', CONTRADICTIONS],
  ['Exchange about policies', POLICIES],
  ['Gmail', GMAIL],
  ['Microsoft', MICROSOFT],
  ['Postfix', POSTFIX],
  ['Exim', EXIM],
  ['Yahoo', YAHOO],
  ['other servers', OTHERS],
])('replies of %s', (_server, rows) => {
  test.each(rows)('%s: at %s, %d %s', (kind, stage, code, text) => {
    expect(classifyReply(stage, code, text).kind).toBe(kind);
  });
});

test.each([
  ['2.0.0 Ok: queued as 4XyZ123abc', '4XyZ123abc'],
  ['OK id=1rAbCd-0004Xy-2B', '1rAbCd-0004Xy-2B'],
  ['Ok 0100018b5c3c0a4f-1a2b-000000', '0100018b5c3c0a4f-1a2b-000000'],
  [
    '2.0.0 OK <AB1@XY2PR0.eurprd01.prod.outlook.com> [Hostname=AM0]',
    '<AB1@XY2PR0.eurprd01.prod.outlook.com>',
  ],
  ['2.0.0 OK  1699999999 d9443c01a7336-1cc-gsmtp', undefined],
])('the name the server gave the message is read from "250 %s"', (text, id) => {
  expect(classifyReply('final-dot', 250, text)).toMatchObject({
    kind: 'accepted',
    ...(id ? { providerMessageId: id } : {}),
  });
  expect('providerMessageId' in classifyReply('final-dot', 250, text)).toBe(id !== undefined);
});

test('a reply of several lines is kept as one line, its status once and its control characters gone', () => {
  expect(classifyReply('rcpt', 550, '550-5.1.1 No such\u0007 user\r\n550 5.1.1 here')).toEqual({
    kind: 'rejected',
    reply: '550 5.1.1 No such  user here',
  });
});

test('an endless reply is truncated', () => {
  const outcome = classifyReply('rcpt', 450, 'x'.repeat(60_000));
  expect(outcome.kind === 'deferred' && outcome.reply.length).toBe(1000);
});
