import fc from 'fast-check';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { composeMessage } from '../../../../src/platform/mail/mime/compose.js';
import { composeTemplate } from '../../../../src/platform/mail/mime/compose-template.js';
import { createSigner, signMessage, type Signer } from '../../../../src/platform/mail/dkim/signer.js';
import { fillTemplate, parseTemplate } from '../../../../src/platform/mail/mime/message-template.js';
import { placeholder } from '../../../../src/platform/mail/mime/placeholder.js';
import { publishKey, verifySignatures, type DnsZone } from './verifier.js';

const zone: DnsZone = new Map();
let both: Signer;
/** Quicker than RSA, for the tests that sign hundreds. */
let quick: Signer;

beforeAll(async () => {
  const [rsa, ed25519] = [
    await publishKey(zone, 'lantern.example', 'rsa-sha256'),
    await publishKey(zone, 'lantern.example', 'ed25519-sha256'),
  ];
  both = createSigner([rsa, ed25519]);
  quick = createSigner([ed25519]);
});

const digest = [
  'From: "The Lantern" <news@lantern.example>',
  'To: reader@example.com',
  'Subject: =?UTF-8?Q?Caf=C3=A9?= and more, in a subject so long that it',
  ' is folded',
  'Date: Sun, 22 Nov 2026 09:00:00 +0000',
  'Message-ID: <d1.r1@lantern.example>',
  'Reply-To: help@lantern.example',
  'List-Id: The Lantern <lantern.lantern.example>',
  'List-Unsubscribe: <https://lantern.example/unsubscribe/t0ken>,',
  ' <mailto:u@lantern.example>',
  'List-Unsubscribe-Post: List-Unsubscribe=One-Click',
  'List-Archive: <https://lantern.example/lantern/archive>',
  'Feedback-ID: d1:lantern:digest:paperround',
  'MIME-Version: 1.0',
  'Content-Type: text/plain; charset=utf-8',
  'X-Unsigned: yes',
];
const signed = (signer: Signer, headers: readonly string[], body: string) =>
  signMessage(signer, Buffer.from(`${headers.join('\r\n')}\r\n\r\n${body}`)).toString();
const tagsOf = (message: string) =>
  message
    .split(/\r\n(?![ \t])/)
    .filter((line) => line.startsWith('DKIM-Signature: '))
    .map((line) => line.slice(16).replace(/\r\n /g, '').split(';'))
    .map((tags) => Object.fromEntries(tags.map((tag) => tag.trim().split(/=(.*)/s) as [string, string])));

test('RSA and Ed25519 signatures of one message both verify, and a composed notice’s too', async () => {
  const message = signed(both, digest, 'Good morning.  \r\n\r\n..\t and more\r\n\r\n\r\n');
  expect(await verifySignatures(message, zone)).toEqual(['pass', 'pass']);
  const raw = await composeMessage({
    from: { name: 'Nachrichten für alle – täglich', address: 'news@lantern.example' },
    to: { address: 'reader@example.com' },
    subject: 'Bitte bestätigen '.repeat(12),
    text: 'Guten Morgen  \n\n',
    html: '<p>Guten\tMorgen</p>\n\n',
    messageId: '<n1@lantern.example>',
    date: new Date('2026-11-22T09:00:00Z'),
    headers: [{ name: 'Auto-Submitted', value: 'auto-generated' }],
  });
  const notice = signMessage(both, raw);
  expect(await verifySignatures(notice, zone)).toEqual(['pass', 'pass']);
  expect(notice.subarray(-raw.length)).toEqual(raw);
  expect(tagsOf(notice.toString())[0]?.['h']).toContain(':Auto-Submitted:');
});

test('the signature covers the whole body, and has no time; what stands once in a mail is named twice', () => {
  const [rsa, ed25519] = tagsOf(signed(both, digest, 'Hello\r\n'));
  expect(rsa).toMatchObject({
    v: '1',
    a: 'rsa-sha256',
    c: 'relaxed/relaxed',
    d: 'lantern.example',
    s: 'pr-rsa',
  });
  expect(ed25519).toMatchObject({ a: 'ed25519-sha256', s: 'pr-ed25519', h: rsa?.['h'], bh: rsa?.['bh'] });
  expect(Object.keys(rsa ?? {})).toEqual(['v', 'a', 'c', 'd', 's', 'h', 'bh', 'b']);
  expect(rsa?.['h']).toBe(
    'From:To:Subject:Date:Message-ID:MIME-Version:Content-Type:Reply-To:List-Id:List-Unsubscribe:' +
      'List-Unsubscribe-Post:List-Archive:Feedback-ID:' +
      'From:To:Subject:Date:Message-ID:MIME-Version:Content-Type:Reply-To:List-Unsubscribe:List-Unsubscribe-Post',
  );
});

test('signature headers are folded, and sending again gives the same bytes', () => {
  const message = signed(both, digest, 'Hello\r\n');
  expect(signed(both, digest, 'Hello\r\n')).toBe(message);
  const added = message.slice(0, message.indexOf('From: '));
  expect(added.endsWith('\r\n')).toBe(true);
  for (const line of added.slice(0, -2).split('\r\n')) {
    expect(line.length).toBeLessThanOrEqual(78);
    expect(line).toMatch(/^(?:DKIM-Signature: | )\S/);
  }
});

describe('a header that is added above or below breaks the signature', () => {
  const body = 'Hello\r\n';
  const notice = digest.filter((line) => !/^(?:List-|Reply-To| <mailto)/.test(line));
  test.each([
    'From: mallory@evil.example',
    'To: everybody@example.com',
    'Subject: You have won',
    'Date: Tue, 24 Nov 2026 09:00:00 +0000',
    'Message-ID: <other@evil.example>',
    'MIME-Version: 1.0',
    'Content-Type: text/html',
    'Reply-To: mallory@evil.example',
    'List-Unsubscribe: <https://evil.example/>',
    'List-Unsubscribe-Post: List-Unsubscribe=One-Click',
  ])('%s', async (added) => {
    for (const headers of [digest, notice]) {
      const message = signed(both, headers, body);
      const below = message.replace('\r\n\r\n', `\r\n${added}\r\n\r\n`);
      expect(await verifySignatures(message, zone)).toEqual(['pass', 'pass']);
      expect(await verifySignatures(`${added}\r\n${message}`, zone)).toEqual(['fail', 'fail']);
      expect(await verifySignatures(below, zone)).toEqual(['fail', 'fail']);
    }
  });

  test('one that is not signed does not', async () => {
    const message = signed(both, digest, body);
    expect(await verifySignatures(`X-Added: on the way\r\n${message}`, zone)).toEqual(['pass', 'pass']);
  });
});

test('a signature does not verify with a key that the DNS does not have', async () => {
  const message = signed(both, digest, 'Hello\r\n');
  const other: DnsZone = new Map();
  await publishKey(other, 'lantern.example', 'rsa-sha256');
  expect(await verifySignatures(message, other)).toEqual(['fail', 'neutral']);
});

test('a body that is declared canonical is signed like one that was checked; declared so wrongly, it does not verify', async () => {
  const vouched = (body: string[]) => {
    const headers = `${digest.join('\r\n')}\r\n`;
    const chunks = body.map((chunk) => Buffer.from(chunk));
    return `${quick.sign(headers, chunks, { canonical: true })}${headers}\r\n${body.join('')}`;
  };
  expect(vouched(['One line\r\n', 'another\r\n'])).toBe(signed(quick, digest, 'One line\r\nanother\r\n'));
  expect(await verifySignatures(vouched(['One line\r\n', 'another\r\n']), zone)).toEqual(['pass']);
  expect(await verifySignatures(vouched(['One  line\r\n']), zone)).toEqual(['neutral']);
});

const word = fc.constantFrom(
  'a',
  'Zz',
  'é',
  '漢',
  '.',
  '..',
  ';',
  'b=',
  '"',
  '=?utf-8?q?x?=',
  'DKIM-Signature:',
  '🙂',
);
const blank = fc.constantFrom(' ', '  ', '\t', ' \t', '\r\n ', '\r\n\t ', '');
const value = fc
  .array(fc.tuple(word, blank), { minLength: 1, maxLength: 12 })
  .map((parts) => parts.flat().join('').trimEnd());
const body = fc
  .array(fc.constantFrom('Words', 'é漢', ' ', '\t', '  ', '.', '\r\n', '\r\n', '\r\n\r\n'), { maxLength: 30 })
  .map((parts) => parts.join(''));
const names = ['Subject', 'Reply-To', 'List-Id', 'Feedback-ID', 'subject', 'List-Unsubscribe', 'X-Other'];
const message = fc.record({
  from: value,
  others: fc.array(fc.tuple(fc.constantFrom(...names), fc.constantFrom(': ', ':', ' :\t'), value), {
    maxLength: 6,
  }),
  body,
});

test('whatever headers and body contain, the signature verifies', async () => {
  await fc.assert(
    fc.asyncProperty(message, async ({ from, others, body }) => {
      const headers = [`From: ${from} <news@lantern.example>`, ...others.map((parts) => parts.join(''))];
      const message = signed(quick, headers, body);
      // A message that is sent ends in a line end, whether it had one or not.
      expect(await verifySignatures(message.replace(/(?:\r\n)?$/, '\r\n'), zone)).toEqual(['pass']);
    }),
    { numRuns: 300 },
  );
});

const line = fc
  .array(
    fc.constantFrom(
      'Words',
      ' ',
      '  ',
      '\t',
      '.',
      '\n',
      '\n\n',
      'é',
      '=',
      placeholder('token'),
      'x'.repeat(80),
    ),
    {
      maxLength: 20,
    },
  )
  .map((parts) => `.${parts.join('')}`);

test('a digest filled in for a reader is signed as it is sent, whatever it and her values contain', async () => {
  await fc.assert(
    fc.asyncProperty(line, line, fc.constantFrom('a.b', ' ', '.', 'é '), async (text, html, token) => {
      const template = composeTemplate({
        ...{
          from: { name: 'The Lantern', address: 'news@lantern.example' },
          to: { address: placeholder('email') },
        },
        ...{
          subject: 'Täglich  neu',
          text,
          html,
          messageId: placeholder('id'),
          date: new Date('2026-11-22T09:00:00Z'),
        },
        headers: [{ name: 'List-Unsubscribe', value: `<https://lantern.example/${placeholder('id')}>` }],
      });
      const values = { email: 'jürgen@lantern.example', id: '<d1.r1@lantern.example>', token };
      const { chunks } = fillTemplate(parseTemplate(template, 'en'), values, quick.sign);
      expect(await verifySignatures(Buffer.concat(chunks), zone)).toEqual(['pass']);
    }),
    { numRuns: 200 },
  );
});

test('with one byte changed in a signed header or in the body, the signature does not verify', async () => {
  const original = Buffer.from(
    signed(quick, digest, 'Good morning.\r\n\r\nTwo articles\r\nand a farewell.\r\n'),
  );
  const [from, unsigned, body] = ['From: ', 'X-Unsigned', '\r\n\r\n'].map((text) => original.indexOf(text));
  const places = [...original.keys()].filter(
    (at) => at >= (from ?? 0) && (at < (unsigned ?? 0) || at >= (body ?? 0) + 4) && isInk(original[at]),
  );
  expect(places.length).toBeGreaterThan(500);
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(...places), fc.integer({ min: 0, max: 7 }), async (at, bit) => {
      const changed = Buffer.from(original);
      changed[at] = (original[at] ?? 0) ^ (1 << bit);
      // Blanks and line ends may come and go, and a header's name may change its case: relaxed is relaxed.
      fc.pre(isInk(changed[at]) && relaxedName(changed, at) !== relaxedName(original, at));
      expect(await verifySignatures(changed, zone)).not.toContain('pass');
    }),
    { numRuns: 400 },
  );
});

function isInk(byte = 0): boolean {
  return ![0x20, 0x09, 0x0d, 0x0a].includes(byte);
}

/** The line around a place, its header name (if it is one's) in lower case. */
function relaxedName(message: Buffer, at: number): string {
  const start = message.lastIndexOf('\r\n', at) + 2;
  const line = message.subarray(start, message.indexOf('\r\n', at)).toString('latin1');
  return at > message.indexOf('\r\n\r\n') ? line : line.replace(/^[^ :]+(?=:)/, (name) => name.toLowerCase());
}
