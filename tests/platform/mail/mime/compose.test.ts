import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import PostalMime from 'postal-mime';
import { composeMessage } from '../../../../src/platform/mail/mime/compose.js';
import type { Mail } from '../../../../src/platform/mail/mime/mail.js';

const MAIL: Mail = {
  from: { name: 'The Harbour, News', address: 'news@harbour.example' },
  to: { name: 'Ada', address: 'ada@example.com' },
  replyTo: { address: 'editor@harbour.example' },
  subject: 'Five new articles',
  text: 'Hello\n.\nFive new articles\n',
  html: '<p>Hello</p>\n',
  messageId: '<d1.s1@harbour.example>',
  date: new Date('2026-11-22T07:00:00Z'),
  headers: [{ name: 'List-Id', value: '<daily.harbour.example>' }],
};
const compose = (change: Partial<Mail>) => composeMessage({ ...MAIL, ...change });
const parse = (raw: Buffer) => PostalMime.parse(raw);

test('a composed mail is parsed to what it was made of', async () => {
  const raw = await compose({});
  const mail = await parse(raw);
  expect(mail).toMatchObject({
    from: MAIL.from,
    to: [MAIL.to],
    replyTo: [{ address: 'editor@harbour.example' }],
    subject: MAIL.subject,
    messageId: MAIL.messageId,
    date: '2026-11-22T07:00:00.000Z',
  });
  expect([mail.text?.trimEnd(), mail.html?.trimEnd()]).toEqual([
    'Hello\n.\nFive new articles',
    '<p>Hello</p>',
  ]);
});

test('the text comes first, and both parts are quoted-printable', async () => {
  const raw = (await compose({})).toString('latin1');
  expect(raw).toMatch(/^Content-Type: multipart\/alternative;/im);
  expect(raw.indexOf('text/plain; charset=utf-8')).toBeLessThan(raw.indexOf('text/html; charset=utf-8'));
  expect(raw.match(/Content-Transfer-Encoding: quoted-printable/g)).toHaveLength(2);
  expect(raw.match(/^MIME-Version: 1.0/gm)).toHaveLength(1);
});

test('names, subjects and bodies may be in any language', async () => {
  const words = { subject: '五つの新しい記事 – ümläut', text: 'Grüße 👋', html: '<p>Grüße 👋</p>' };
  const mail = await parse(
    await compose({ ...words, from: { name: 'Der Häfen', address: 'news@harbour.example' } }),
  );
  expect([mail.subject, mail.from?.name, mail.text?.trim(), mail.html?.trim()]).toEqual([
    words.subject,
    'Der Häfen',
    words.text,
    words.html,
  ]);
});

test('a subject that looks like an encoded word is not decoded into another', async () => {
  const subject = 'What =?utf-8?Q?this?= means';
  expect((await parse(await compose({ subject }))).subject).toBe(subject);
});

test('a long unsubscribe link stays in one piece', async () => {
  const value = `<https://harbour.example/unsubscribe/${'t'.repeat(600)}>, <mailto:u@harbour.example>`;
  const mail = await parse(await compose({ headers: [{ name: 'List-Unsubscribe', value }] }));
  expect(mail.headers.find(({ key }) => key === 'list-unsubscribe')?.value).toBe(value);
});

test('whatever the text, lines are short, end in CRLF and are parsed back', async () => {
  const words = fc.string({
    unit: fc.constantFrom('a', '.', '=', ' ', '\n', '\r', 'ü', '👋', '<', 'x'.repeat(90)),
    minLength: 1,
  });
  await fc.assert(
    fc.asyncProperty(words, words, async (text, html) => {
      const raw = await compose({ text, html });
      const source = raw.toString('latin1');
      expect(source.replaceAll('\r\n', '')).not.toMatch(/[\r\n]/);
      expect(Math.max(...source.split('\r\n').map((line) => line.length))).toBeLessThanOrEqual(78);
      expect(tidy((await parse(raw)).text)).toBe(tidy(text));
    }),
    { numRuns: 60 },
  );
});

test('an address with a domain in another script goes out with its A-labels', async () => {
  const mail = await parse(await compose({ to: { address: 'ada@bücher.example' } }));
  expect(mail.to).toMatchObject([{ address: 'ada@xn--bcher-kva.example' }]);
});

describe('refused, with an error that contains nothing of it', () => {
  test.each<[string, Partial<Mail>]>([
    ['a line break in the subject', { subject: 'secret\r\nBcc: eve@example.com' }],
    [
      'a line break in the sender name',
      { from: { name: 'secret\nBcc: eve@example.com', address: 'a@b.example' } },
    ],
    ['a line break in the address', { to: { address: 'secret@example.com\r\nBcc: eve@example.com' } }],
    ['two recipients in one', { to: { address: 'secret@example.com, eve@example.com' } }],
    ['an angle bracket in the address', { to: { address: 'secret@example.com>' } }],
    ['a NUL in the reply address', { replyTo: { name: 'secret\0', address: 'a@b.example' } }],
    ['a line break in the Message-ID', { messageId: '<secret@b.example>\r\nBcc: eve@example.com' }],
    ['a C1 control in a header', { headers: [{ name: 'List-Id', value: 'secret\u0092' }] }],
    ['a tab in a header', { headers: [{ name: 'List-Id', value: 'secret\t' }] }],
    ['a header name with a colon', { headers: [{ name: 'Bcc: secret\r\nX', value: 'x' }] }],
    ['a Bcc header', { headers: [{ name: 'bCC', value: 'secret@example.com' }] }],
    ['a second From', { headers: [{ name: 'From', value: 'secret@example.com' }] }],
    ['a word too long to fold', { headers: [{ name: 'X-Long', value: 'secret'.repeat(200) }] }],
    ['no text', { text: '' }],
  ])('%s', async (_what, change) => {
    const failure = await compose(change).then(
      () => undefined,
      (error: unknown) => error,
    );
    expect(failure).toBeInstanceOf(Error);
    expect(String(failure)).not.toContain('secret');
  });
});

/** Parsers differ on the line break before a boundary and on trailing white space. */
function tidy(text: string | undefined): string {
  return (text ?? '').replace(/\r\n|\r/g, '\n').trimEnd();
}
