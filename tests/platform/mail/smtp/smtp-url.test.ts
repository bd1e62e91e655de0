import { describe, expect, test } from '@jest/globals';
import { createMailer, type Transport } from '../../../../src/platform/mail/smtp/mailer.js';

function transports(smtpUrl: string): readonly Transport[] {
  return createMailer({ smtpUrl, connections: 1 }).transports;
}

test('a server without parameters has no limits, and its uncertain mails are sent again', () => {
  expect(transports('smtp://127.0.0.1:2525')[0]).toMatchObject({
    name: '127.0.0.1:2525',
    limits: { weight: 1, rates: {}, warmUp: undefined },
    settings: { uncertainPolicy: 'resend', mailLog: undefined, rewrites: false },
  });
});

test('limits are in the query, each server having its own', () => {
  const [first, second] = transports(
    'smtp://a.example?uncertain=reconcile&mailLog=%2Fvar%2Flog%2Fmail%20log&weight=0.5&perSecond=14&perDay=50000&warmUp=200 ' +
      'smtps://b.example?uncertain=hold&perMinute=60&perHour=1000&rewrites=true',
  );
  expect(first?.limits).toEqual({ weight: 0.5, rates: { second: 14, day: 50_000 }, warmUp: 200 });
  expect(first?.settings).toEqual({
    uncertainPolicy: 'reconcile',
    mailLog: '/var/log/mail log',
    rewrites: false,
  });
  expect(second?.limits).toMatchObject({ weight: 1, rates: { minute: 60, hour: 1000 } });
  expect(second?.settings).toMatchObject({ uncertainPolicy: 'hold', rewrites: true });
});

test('Amazon SES replaces headers and signs, whether the URL says so or not, unless it says otherwise', () => {
  const urls = [
    'smtp://email-smtp.eu-west-1.amazonaws.com',
    'smtp://any.example?service=SES',
    'smtp://email-smtp.eu-west-1.amazonaws.com?rewrites=false',
    'smtp://email-smtp.amazonaws.com.lantern.example',
  ];
  expect(transports(urls.join(' ')).map(({ settings }) => settings.rewrites)).toEqual([
    true,
    true,
    false,
    false,
  ]);
});

test('names are host and port without any secret, and no two are the same', () => {
  const urls = [
    'smtp://ada:secret@Mail.Example',
    'smtps://mail.example',
    'smtp://bob:other@mail.example:587',
    'smtp://[::1]:25',
    'smtp://any.example?service=gmail',
  ];
  expect(transports(urls.join(' ')).map(({ name }) => name)).toEqual([
    'mail.example:587',
    'mail.example:465',
    'mail.example:587#2',
    '[::1]:25',
    'smtp.gmail.com:465',
  ]);
});

describe('one sentence says what is wrong, without the password', () => {
  test.each([
    ['http://u:secret@127.0.0.1', 'Every server of SMTP_URL starts with smtp:// or smtps:// and a host.'],
    ['smtp:', 'Every server of SMTP_URL starts with smtp:// or smtps:// and a host.'],
    [' ', 'SMTP_URL names no server.'],
    ['smtp://u:secret@h?uncertain=maybe', 'uncertain= in SMTP_URL is resend, hold or reconcile.'],
    [
      'smtp://u:secret@h?uncertain=reconcile',
      'uncertain=reconcile in SMTP_URL needs mailLog= with the path of the mail log, or mailLog=journal.',
    ],
    ...['maillog', 'journal:', 'journald', 'journal:log'].map((name): [string, string] => [
      `smtp://u:secret@h?mailLog=${name}`,
      'mailLog= in SMTP_URL is journal, journal: with the whole path of a folder of journals, or the whole path of a file.',
    ]),
    ['smtp://u:secret@h?weight=0', 'weight= in SMTP_URL is a number above 0.'],
    ['smtp://u:secret@h?weight=heavy', 'weight= in SMTP_URL is a number above 0.'],
    ['smtp://u:secret@h?rewrites=maybe', 'rewrites= in SMTP_URL is true or false.'],
    [
      'smtp://u:secret@h?proxy=socks5%3A%2F%2F127.0.0.1',
      'proxy= in SMTP_URL is the http:// or https:// address',
    ],
    ...[
      'perSecond',
      'perMinute',
      'perHour',
      'perDay',
      'warmUp',
      'maxConnections',
      'maxMessages',
      'domainConnections',
    ].flatMap((name) =>
      ['0', '-1', '1.5', 'many', ''].map((value): [string, string] => [
        `smtp://u:secret@h?${name}=${value}`,
        `${name}= in SMTP_URL is a whole number above 0.`,
      ]),
    ),
  ])('%s', (smtpUrl, sentence) => {
    expect(() => transports(smtpUrl)).toThrow(sentence);
    expect(() => transports(smtpUrl)).not.toThrow('secret');
  });
});
