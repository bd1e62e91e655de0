import { createHash, createPublicKey, verify } from 'node:crypto';
import fc from 'fast-check';
import { expect, test } from '@jest/globals';
import { hashBody, hashCanonicalBody, relaxBody } from '../../../../src/platform/mail/dkim/canonical-body.js';
import { relaxHeader, selectSignedHeaders } from '../../../../src/platform/mail/dkim/canonical-headers.js';

const relaxed = (...chunks: string[]) => relaxBody(chunks.map((chunk) => Buffer.from(chunk))).toString();
const sha256 = (text: string | Buffer) => createHash('sha256').update(text).digest('base64');

test('the example of RFC 6376 section 3.4.5 gives the result printed there', () => {
  expect(relaxHeader('A: X')).toBe('a:X');
  expect(relaxHeader('B : Y\t\r\n\tZ  ')).toBe('b:Y Z');
  expect(relaxed(' C \r\nD \t E\r\n\r\n\r\n')).toBe(' C\r\nD E\r\n');
});

test('an empty body stays empty, and has the hash of section 3.4.4', () => {
  for (const body of ['', '\r\n', '\r\n\r\n', ' \t\r\n', '  ', ' \r\n\t']) {
    expect(relaxed(body)).toBe('');
    expect(hashBody([Buffer.from(body)])).toBe('47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=');
  }
  expect(hashBody([])).toBe('47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=');
  expect(relaxed('a', ' ', '\t\r', '\n')).toBe('a\r\n');
  expect(relaxed('a')).toBe('a\r\n');
});

/** RFC 8463 appendix A: its message, its key, its signature. */
const joe = [
  'From: Joe SixPack <joe@football.example.com>',
  'To: Suzie Q <suzie@shopping.example.net>',
  'Subject: Is dinner ready?',
  'Date: Fri, 11 Jul 2003 21:00:37 -0700 (PDT)',
  'Message-ID: <20030712040037.46341.5F8J@football.example.com>',
];
const game = 'Hi.\r\n\r\nWe lost the game.  Are you hungry yet?\r\n\r\nJoe.\r\n';
const signature = [
  'DKIM-Signature: v=1; a=ed25519-sha256; c=relaxed/relaxed;',
  ' d=football.example.com; i=@football.example.com;',
  ' q=dns/txt; s=brisbane; t=1528637909; h=from : to :',
  ' subject : date : message-id : from : subject : date;',
  ' bh=2jUSOH9NhtVGCQWNr9BrIAPreKQjO6Sn7XIkfJVOzv8=;',
  ' b=',
].join('\r\n');
const joesKey = createPublicKey({
  key: { kty: 'OKP', crv: 'Ed25519', x: '11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo' },
  format: 'jwk',
});
const joesSignature = Buffer.from(
  '/gCrinpcQOoIfuHNQIbq4pgh9kyIK3AQUdt9OdqQehSwhEIug4D11BusFa3bT3FY5OsU7ZbnKELq+eXdp1Q1Dw==',
  'base64',
);

test('the signature of RFC 8463 appendix A verifies what is computed from its message', () => {
  expect(hashBody([Buffer.from(game)])).toBe('2jUSOH9NhtVGCQWNr9BrIAPreKQjO6Sn7XIkfJVOzv8=');
  const { text } = selectSignedHeaders(joe.join('\r\n'));
  const digest = createHash('sha256')
    .update(`${text}${relaxHeader(signature)}`)
    .digest();
  expect(verify(null, digest, joesKey, joesSignature)).toBe(true);
});

test('of a header that occurs twice the lowest comes first, and the oversigned ones are named once more', () => {
  const { names, text } = selectSignedHeaders(
    'To: a@x.example\r\nX-Other: no\r\nFROM:  f\r\nto : b@x.example\r\n',
  );
  expect(text).toBe('from:f\r\nto:b@x.example\r\nto:a@x.example\r\n');
  expect(names).toBe(
    'From:To:To:' +
      'From:To:Subject:Date:Message-ID:MIME-Version:Content-Type:Reply-To:List-Unsubscribe:List-Unsubscribe-Post',
  );
});

test('only space and tab are white space', () => {
  expect(relaxHeader('Subject:\u00a0 a \u2003\t b\u00a0')).toBe('subject:\u00a0 a \u2003 b\u00a0');
  expect(relaxed('a\u00a0 \u00a0\v\r\n')).toBe('a\u00a0 \u00a0\v\r\n');
});

const piece = fc.constantFrom(
  'a',
  '.',
  'é',
  ' ',
  ' ',
  '\t',
  '  ',
  '=20',
  '\r\n',
  '\r\n',
  'Words of a line',
  '\u0000',
);
const body = fc.array(piece, { maxLength: 40 }).map((pieces) => pieces.join(''));

test('cut anywhere, a body has one hash: that of its relaxed form, which has no other relaxed form', () => {
  fc.assert(
    fc.property(body, fc.array(fc.nat(80), { maxLength: 6 }), (text, places) => {
      const bytes = Buffer.from(text);
      const cuts = [0, ...places.toSorted((a, b) => a - b), bytes.length];
      const chunks = cuts.slice(1).map((end, at) => bytes.subarray(cuts[at], Math.max(end, cuts[at] ?? 0)));
      const form = relaxBody([bytes]);
      expect(hashBody(chunks)).toBe(sha256(form));
      expect(hashBody([form])).toBe(sha256(form));
      expect(hashCanonicalBody([form])).toBe(sha256(form));
      expect(relaxBody([form])).toEqual(form);
      expect(form.toString('latin1')).toBe(lineByLine(bytes.toString('latin1')));
    }),
    { numRuns: 500 },
  );
});

/** RFC 6376 section 3.4.4, written another way. */
function lineByLine(text: string): string {
  const lines = text.split('\r\n').map((line) =>
    line
      .split(/[ \t]/)
      .filter((word, at, words) => word !== '' || (at === 0 && words.some((other) => other !== '')))
      .join(' '),
  );
  while (lines.at(-1) === '') lines.pop();
  return lines.map((line) => `${line}\r\n`).join('');
}

test('a hostile body or header takes no more time than an ordinary one', () => {
  const size = 2_000_000;
  const started = performance.now();
  for (const unit of [' ', '\t ', '\r\n', ' \r\n', '\r']) {
    relaxBody([Buffer.from(`${unit.repeat(size / unit.length)}x`)]);
    selectSignedHeaders(`Subject: ${unit.repeat(size / unit.length)}x`);
  }
  expect(performance.now() - started).toBeLessThan(10_000);
});
