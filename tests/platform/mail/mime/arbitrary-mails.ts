import fc from 'fast-check';
import type { Mail } from '../../../../src/platform/mail/mime/mail.js';
import { placeholder } from '../../../../src/platform/mail/mime/placeholder.js';

export type PlaceholderValues = {
  email: string;
  messageId: string;
  unsubscribeUrl: string;
  confirmedOn: string;
};

/** A mail to many, and what fills its placeholders for one reader. */
export type ArbitraryMail = { mail: Mail; values: PlaceholderValues };

// What has broken mails before: line ends, dots, white space, control characters, text that looks encoded, every script.
const lineEnds = ['\n', '\r', '\r\n', '\n\n\n', '\n.', '\r\n..\r\n', ' \n', '\t\n', '-- \n', '\nFrom you'];
const blanks = [' ', '  ', '   ', '\t', '\u00A0', '\u2028', ' and '];
const signs = ['.', '..', '=', '=20', '=\r\n', '=3D', '=?utf-8?Q?x?=', '--', '--=_', 'From '];
const markup = ['&', '&amp;', '<b>', '"', "'", '\\'];
const scripts = ['ü', 'Öst', '港', 'شكرا جزيلا', '\u202Eright', '👋', '👩‍👩‍👧', 'e\u0301', '\u0092'];
const runs = [...[74, 75, 76, 1100].map((many) => 'x'.repeat(many)), 'ü'.repeat(90), '👋'.repeat(40)];

const troubles = [...lineEnds, ...blanks, ...signs, ...markup, ...scripts, ...runs, 'a', 'harbour'];
const words = fc.oneof(
  { weight: 4, arbitrary: fc.string({ unit: fc.constantFrom(...troubles), maxLength: 25 }) },
  { weight: 1, arbitrary: fc.string({ unit: 'binary', maxLength: 120 }).map(withoutMarks) },
);
const placeholders = fc.constantFrom(...['email', 'unsubscribeUrl', 'confirmedOn'].map(placeholder));
const part = fc
  .array(fc.oneof(words, placeholders), { minLength: 1, maxLength: 9 })
  .map((pieces) => `${pieces.join('')}|`);

const letters = [...'abc ,.;:()<>@"\'\\[]_?'.split(''), 'Ö', 'ß', '港', '👋', 'م', 'word ', 'x'.repeat(80)];

/** One line, as long as somebody may make it. */
function line(...more: string[]) {
  return fc
    .string({ unit: fc.constantFrom(...letters, ...more), minLength: 1, maxLength: 80 })
    .map((text) => `n${text.replace(/\s+/g, ' ')}n`);
}

const locals = ['ada', "o'hara+news", 'a&b', '&amp;', 'a=b', 'a.b.c', '-', 'jürgen', '用户', 'a'.repeat(64)];
/** These need quotes. */
const oddLocals = ['a..b', '.a', 'a.', 'a,b', 'a;b', 'a"b', 'a(b)c', 'a@b', '"ada"', '"a,b"', '"a\\"b"'];
const domains = ['example.com', 'Example.COM', 'bücher.example', 'xn--bcher-kva.example', '例え.テスト'];
const longDomain = `${'a.'.repeat(60)}example`;
const address = fc
  .tuple(fc.constantFrom(...locals, ...oddLocals), fc.constantFrom(...domains, longDomain))
  .map(([local, domain]) => `${local}@${domain}`);

const values = fc.record({
  email: address,
  messageId: fc
    .string({ unit: fc.constantFrom(...'abcXYZ0189-_'.split('')), minLength: 1, maxLength: 120 })
    .map((id) => `<${id}@news.example>`),
  unsubscribeUrl: fc
    .string({ unit: fc.constantFrom(..."abcXYZ0189-_~.&=?/'#".split('')), maxLength: 220 })
    .map((token) => `https://news.example/unsubscribe/${token}x`),
  confirmedOn: fc.oneof(fc.constantFrom('22 November 2026', '٢٢ نوفمبر ٢٠٢٦', '', ' ', '.'), words),
});

const mail = fc.record({
  from: fc.record({ name: line(), address: fc.constantFrom('news@harbour.example', 'news@bücher.example') }),
  replyTo: fc.record({ address }),
  subject: line('=?utf-8?Q?x?=', 'x'.repeat(950)),
  text: part,
  html: part,
  date: fc.constant(new Date('2026-11-22T07:00:00Z')),
});

export const arbitraryMails: fc.Arbitrary<ArbitraryMail> = fc
  .record({ mail, values })
  .map(({ mail, values }) => ({
    values,
    mail: {
      ...mail,
      to: { address: placeholder('email') },
      messageId: placeholder('messageId'),
      headers: [
        { name: 'List-Id', value: '<daily.harbour.example>' },
        { name: 'List-Unsubscribe', value: `<${placeholder('unsubscribeUrl')}>` },
        { name: 'List-Unsubscribe-Post', value: 'List-Unsubscribe=One-Click' },
      ],
    },
  }));

/** Makes line ends the same, and replaces what cannot be written as UTF-8. */
export function normalizeLineEnds(text: string | undefined): string {
  return Buffer.from(text ?? '')
    .toString()
    .replace(/\r\n|\r/g, '\n');
}

/** In a header, parsers differ on what they trim. */
export function normalizeWhitespace(text: string | undefined): string {
  return normalizeLineEnds(text).replace(/\s+/g, ' ').trim();
}

function withoutMarks(text: string): string {
  return text.replace(/[\uE000\uE001\uFEFF\0]/g, '');
}
