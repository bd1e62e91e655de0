import { describe, expect, test } from '@jest/globals';
import {
  isSafeLine,
  lineSchema,
  textSchema,
  toSafeLine,
  toSafeText,
} from '../../../src/platform/text/safe-text.js';
import { settingsSchema } from '../../../src/publications/publication.js';
import { newOperatorSchema } from '../../../src/operators/operator.js';
import { operatorTextSchema } from '../../../src/digests/digest.js';
import { createDigestSchema } from '../../../src/http/api/digest-schemas.js';
import { articleFields } from '../../../src/http/api/article-schemas.js';
import { signUpFormSchema } from '../../../src/http/public/sign-up/form-schema.js';
import { composeMessage } from '../../../src/platform/mail/mime/compose.js';
import { digestFrom } from '../../../src/publications/from-header.js';

const harmful: [string, string][] = [
  ['NUL', '\0'],
  ['a C0 control', '\u0007'],
  ['a line end', '\n'],
  ['a C1 control', '\u0085'],
  ['a line separator', '\u2028'],
  ['a paragraph separator', '\u2029'],
  ['half of a pair', '\ud83d'],
  ['the other half', '\udd14'],
  ['a noncharacter', '\uffff'],
  ['a noncharacter for inside of a program', '\ufdd0'],
  ['a noncharacter beyond the first plane', '\u{1fffe}'],
  ['an override', '\u202e'],
  ['an isolate', '\u2067'],
];

describe.each(harmful)('%s', (_, mark) => {
  const text = `The${mark}Lantern`;

  test('is refused by every edge that takes a line', () => {
    const { shape } = settingsSchema;
    for (const schema of [
      ...[shape.name, shape.fromName, shape.postalAddress, shape.contact],
      ...[newOperatorSchema.shape.name, operatorTextSchema.shape.subject, articleFields.title],
      lineSchema(300),
    ])
      expect(schema.safeParse(text).success).toBe(false);
    expect(shape.topics.safeParse([text]).success).toBe(false);
    // Parsers of addresses leave line ends out.
    const site = shape.siteUrl.safeParse(`https://lantern.example/${mark}a`);
    expect(isSafeLine(site.data ?? '')).toBe(true);
    const digest = { publication: 'lantern', subject: text };
    expect(createDigestSchema.safeParse(digest).success).toBe(false);
    expect(signUpFormSchema.safeParse({ topics: [text] }).success).toBe(false);
    expect(textSchema(300).safeParse(text).success).toBe(mark === '\n');
  });

  test('that was stored before does not stop a mail', async () => {
    expect(isSafeLine(toSafeLine(text))).toBe(true);
    const from = digestFrom({ fromName: text, fromAddress: 'news@lantern.example' });
    const mail = { subject: 'Tide', text: 'Tide', html: '<p>Tide</p>', messageId: '<1@lantern.example>' };
    const raw = await composeMessage({
      ...{ ...mail, from, to: { address: 'ada@example.com' }, date: new Date(0), headers: [] },
    });
    expect(raw.toString()).toMatch(/^From: .*<news@lantern\.example>\r$/m);
  });
});

test.each(['The Lantern', 'Зоря', 'صحيفة الفنار', 'נר\u200f!', '👩‍👩‍👧 and 🇰🇪', 'می‌خواهم', 'O’Neill & Sons'])(
  '%s is a line as it is',
  (text) => {
    expect(lineSchema(100).parse(text)).toBe(text);
    expect(toSafeLine(text)).toBe(text);
  },
);

test('what is too long or empty is refused with a reason', () => {
  const reason = (text: string) => lineSchema(5).safeParse(text).error?.issues[0]?.message;
  expect([reason(' '), reason('123456'), reason('\u2028a\u2028b')]).toEqual([
    'is empty',
    'is longer than 5 characters',
    'has control characters',
  ]);
});

test.each([
  ['\u2068abc\u2069 d', '\u2068abc\u2069 d'],
  ['\u2068abc', 'abc'],
  ['abc\u2069', 'abc'],
  ['\u2067a \u2068b\u2069 c', 'a \u2068b\u2069 c'],
  ['\u2068a\u2069 \u2069 \u2066b\u2069', '\u2068a\u2069  \u2066b\u2069'],
])('of the isolates in %j those that have an end stay', (text, safe) => {
  expect(toSafeText(text)).toBe(safe);
  expect(toSafeLine(text)).toBe(safe.replace('  ', ' '));
});

test('text keeps its lines and tabs, and loses what no text may have', () => {
  expect(toSafeText('a\r\nb\rc\u2029d\te\u0000\u001b\u0092\ufeff\ufffe\u{10ffff}\u202e\ud83d 👩‍👩‍👧\u200f')).toBe(
    'a\nb\nc\nd\te\ufffd 👩‍👩‍👧\u200f',
  );
});
