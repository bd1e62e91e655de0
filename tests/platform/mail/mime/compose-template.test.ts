import { expect, test } from '@jest/globals';
import PostalMime from 'postal-mime';
import { composeTemplate } from '../../../../src/platform/mail/mime/compose-template.js';
import type { Mail } from '../../../../src/platform/mail/mime/mail.js';
import { fillTemplate, parseTemplate } from '../../../../src/platform/mail/mime/message-template.js';
import { placeholder } from '../../../../src/platform/mail/mime/placeholder.js';
import type { PlaceholderValues } from './arbitrary-mails.js';

const MAIL: Mail = {
  from: { name: 'The Harbour, News', address: 'news@harbour.example' },
  to: { address: placeholder('email') },
  replyTo: { address: 'editor@harbour.example' },
  subject: 'Five new articles',
  text: `Hello ${placeholder('email')},\nyou confirmed on ${placeholder('confirmedOn')}.\n${placeholder('unsubscribeUrl')}\n`,
  html: `<p>${placeholder('email')}, ${placeholder('confirmedOn')}, <a href="${placeholder('unsubscribeUrl')}">no more</a></p>\n`,
  messageId: placeholder('messageId'),
  date: new Date('2026-11-22T07:00:00Z'),
  headers: [{ name: 'List-Unsubscribe', value: `<${placeholder('unsubscribeUrl')}>` }],
};
const VALUES: PlaceholderValues = {
  email: 'ada@example.com',
  messageId: '<d1.s1@harbour.example>',
  unsubscribeUrl: `https://news.example/unsubscribe/${'Ab-_'.repeat(30)}?a=1&b=2`,
  confirmedOn: '3 March 2026',
};

const fill = (mail: Mail, values: Record<string, string>) =>
  fillTemplate(parseTemplate(composeTemplate(mail), 'en'), values);
const filled = (mail: Mail, values: PlaceholderValues) => Buffer.concat(fill(mail, values).chunks);

test('what is long and the same for all mails is in memory once', () => {
  const long = {
    ...MAIL,
    text: `${MAIL.text}${'Harbour news.\n'.repeat(500)}`,
    html: `${'<hr>\n'.repeat(900)}${MAIL.html}`,
  };
  const template = parseTemplate(composeTemplate(long), 'en');
  const [ada, ben] = ['ada', 'ben'].map((name) =>
    fillTemplate(template, { ...VALUES, email: `${name}@example.com` }),
  );
  const shared = ada?.chunks.filter((chunk) => ben?.chunks.includes(chunk)) ?? [];
  const own = (ada?.length ?? 0) - shared.reduce((sum, { length }) => sum + length, 0);
  expect(ada?.length).toBeGreaterThan(11_000);
  expect(own).toBeLessThan(2_000);
});

test('a value fills each of its placeholders, encoded for its place', async () => {
  const email = `o'hara+a&b@example.com`;
  const mail = await PostalMime.parse(filled(MAIL, { ...VALUES, email }));
  expect(mail.to).toMatchObject([{ address: email }]);
  expect(mail.text).toContain(`Hello ${email},`);
  expect(mail.html).toContain(
    `<p>o&#39;hara+a&#38;b@example.com, 3 March 2026, <a href="https://news.example/`,
  );
  expect(mail.html).toContain('?a=1&#38;b=2">');
  expect(mail.headers.find(({ key }) => key === 'list-unsubscribe')?.value).toBe(
    `<${VALUES.unsubscribeUrl}>`,
  );
});

test('the signer gets headers and body as they are sent, and its header comes before them', () => {
  const given: { headers: string; body: string; canonical: boolean | undefined }[] = [];
  const template = parseTemplate(composeTemplate(MAIL), 'en');
  const content = fillTemplate(template, VALUES, (headers, body, options) => {
    given.push({ headers, body: Buffer.concat(body).toString(), canonical: options?.canonical });
    return 'DKIM-Signature: a\r\nDKIM-Signature: b\r\n';
  });
  const raw = Buffer.concat(content.chunks).toString();
  expect(content.length).toBe(raw.length);
  expect(raw).toBe(`DKIM-Signature: a\r\nDKIM-Signature: b\r\n${given[0]?.headers}\r\n${given[0]?.body}`);
  expect(given).toMatchObject([{ headers: expect.stringMatching(/^From: [^]*\r\n$/), canonical: true }]);
});

test.each<[string, Record<string, string>]>([
  ['two recipients', { email: 'secret@example.com, eve@example.com' }],
  ['a line break in the address', { email: 'secret@example.com\r\nBcc: eve@example.com' }],
  ['an address longer than any', { email: `${'secret'.repeat(100)}@example.com` }],
  ['a line break in the Message-ID', { messageId: '<secret@a.example>\r\nBcc: eve@example.com' }],
  ['a Message-ID in another script', { messageId: '<secrét@a.example>' }],
  ['a line break in the link', { unsubscribeUrl: 'https://secret.example/\nBcc: eve@example.com' }],
  ['a blank in the link', { unsubscribeUrl: 'https://secret.example/ https://eve.example/' }],
  ['a link too long for a line', { unsubscribeUrl: `https://secret.example/${'x'.repeat(999)}` }],
])('refused, with an error that contains nothing of it: %s', (_what, change) => {
  let failure: unknown;
  try {
    fill(MAIL, { ...VALUES, ...change });
  } catch (error) {
    failure = error;
  }
  expect(failure).toBeInstanceOf(Error);
  expect(String(failure)).not.toContain('secret');
});

test.each(['unknown', 'constructor', '__proto__'])(
  'a placeholder without a value (%s) is refused',
  (name) => {
    expect(() => fill({ ...MAIL, text: placeholder(name) }, VALUES)).toThrow('unknown placeholder');
  },
);

test.each<[string, Partial<Mail>]>([
  ['the subject', { subject: `For ${placeholder('email')}` }],
  ['the sender', { from: { name: placeholder('email'), address: 'news@harbour.example' } }],
  ['the reply address', { replyTo: { address: `${placeholder('email')}@harbour.example` } }],
  ['half of the recipient', { to: { address: `x${placeholder('email')}` } }],
  ['a recipient with a name', { to: { name: 'Ada', address: placeholder('email') } }],
])('a placeholder in %s is refused', (_where, change) => {
  expect(() => composeTemplate({ ...MAIL, ...change })).toThrow(/placeholder/);
});

test.each<[string, Partial<Mail>]>([
  ['a line break in the subject', { subject: 'secret\r\nBcc: eve@example.com' }],
  [
    'a line break beside a placeholder',
    { headers: [{ name: 'List-Unsubscribe', value: `${placeholder('email')}\r\nBcc: eve@x` }] },
  ],
  [
    'another script beside a placeholder',
    { headers: [{ name: 'List-Unsubscribe', value: `ü${placeholder('email')}` }] },
  ],
  ['a second From', { headers: [{ name: 'From', value: 'secret@example.com' }] }],
  ['no text', { text: '' }],
])('a template is as safe as a mail to one reader: %s', (_what, change) => {
  expect(() => composeTemplate({ ...MAIL, ...change })).toThrow();
});
