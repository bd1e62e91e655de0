import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { maskAddress, parseAddress } from '../../src/subscribers/address.js';

function keyOf(text: string): string | undefined {
  const parsed = parseAddress(text);
  return parsed.kind === 'address' ? parsed.address.key : undefined;
}

describe('an address that real servers accept is taken as it was written', () => {
  test.each([
    'reader@example.com',
    'Reader@example.com',
    'first.last@example.co.uk',
    'reader+news@example.com',
    "o'brien@example.com",
    'a@example.com',
    '1234567890@example.com',
    '_______@example.com',
    'much/ado!#$%&*=?^_`{|}~@example.com',
    'reader@a.b.c.d.example.com',
    'reader@sub-domain.example.museum',
    'zoë@example.com',
    '用户@example.com',
    'чтение@example.com',
    '😀@example.com',
    '𠮷@example.com',
    'म@example.com',
    'قارئ@example.com',
    'x@x.org',
    'reader@b.co',
    'reader@example.photography',
    'reader@example.xn--p1ai',
    'reader@1and1.example',
    'reader@3com.com',
    '0@a.bz',
    "'@example.com",
    '+@example.com',
    '-@example.com',
    'first.m.last+list-2026=x@example.com',
    `${'a'.repeat(64)}@example.com`,
  ])('%s', (text) => {
    expect(parseAddress(text)).toEqual({
      kind: 'address',
      address: { email: text, key: text.toLowerCase() },
    });
  });

  test.each([
    ['leser@bücher.example', 'leser@xn--bcher-kva.example'],
    ['leser@BÜCHER.example', 'leser@xn--bcher-kva.example'],
    ['ἀνήρ@παράδειγμα.example', 'ἀνήρ@xn--hxajbheg2az3al.example'],
    ['reader@例え。example', 'reader@xn--r8jz45g.example'],
    ['reader@EXAMPLE.COM', 'reader@example.com'],
    ['reader@straße.example', 'reader@xn--strae-oqa.example'],
    ['чтение@пример.рф', 'чтение@xn--e1afmkfd.xn--p1ai'],
    ['قارئ@مثال.إختبار', 'قارئ@xn--mgbh0fb.xn--kgbechtv'],
    ['reader＠example．com', 'reader@example.com'],
    ['ｒｅａｄｅｒ＋１＠ｅｘａｍｐｌｅ．ｃｏｍ', 'reader+1@example.com'],
    ['\u2068reader@example.com\u2069', 'reader@example.com'],
    ['\u200freader@example.com\u200b \ufeff', 'reader@example.com'],
    [' reader@example.com\r\n', 'reader@example.com'],
    ['\treader@example.com \n', 'reader@example.com'],
    ['Reader <reader@example.com>', 'reader@example.com'],
    ['"Reader, Ada" <reader@example.com>', 'reader@example.com'],
    ["Ada O'Reader (at work)<Reader+news@example.com> ", 'Reader+news@example.com'],
    ['قارئ <reader@example.com>', 'reader@example.com'],
    ['<reader@example.com>', 'reader@example.com'],
    ['"reader@example.com" <Reader@example.com>', 'Reader@example.com'],
    ['Reader ＜reader＠example．com＞', 'reader@example.com'],
    ['reader@a--b.com', 'reader@a--b.com'],
    // Marks and joiners beside letters of their script (RFC 5892 appendix A).
    ['reader@paral·lel.cat', 'reader@xn--parallel-koa.cat'],
    ['reader@אב״ג.co.il', 'reader@xn--4dbcd9k.co.il'],
    ['reader@ショッピング・モール.jp', 'reader@xn--qckn0b3d9c0a6a2dzdl.jp'],
    ['reader@نامه\u200cای.com', 'reader@xn--mgba3gch31f060k.com'],
    ['reader@한국.kr', 'reader@xn--3e0b707e.kr'],
  ])('%s goes on the wire as %s', (typed, email) => {
    expect(parseAddress(typed)).toMatchObject({ kind: 'address', address: { email } });
  });
});

describe('what no server could mean, or a parser could misread, is malformed', () => {
  test.each([
    '',
    '@',
    'reader',
    'reader@',
    '@example.com',
    'reader@example',
    'reader@localhost',
    'reader@.example.com',
    'reader@example..com',
    'reader@-example.com',
    'reader@example.com.',
    '.reader@example.com',
    'reader.@example.com',
    'rea..der@example.com',
    'rea der@example.com',
    // RFC 5321 section 4.1.2 allows these in quotes; see parseAddress.
    '"reader"@example.com',
    '"rea..der"@example.com',
    '"reader@home"@example.com',
    '" "@example.com',
    'reader@example.123',
    'reader@ex_ample.com',
    'reader@xn--a.com',
    'reader@xn--.com',
    'reader@example.c',
    'reader@＜example.com',
    'rea＂der@example.com',
    '\u0000reader@example.com',
    'reader@example.com\u0000',
    'reader@exam\u0085ple.com',
    'reader@exam ple.com',
    'reader@example.com, other@example.com',
    'reader@example.com;other@example.com',
    '"other@example.com" <reader@example.com>',
    'reader@example.com <other@example.com>',
    'Reader <reader@example.com> <other@example.com>',
    'Reader <reader@example.com',
    'Reader reader@example.com>',
    'Reader <>',
    'Rea\r\nder <reader@example.com>',
    '"rea der"@example.com',
    'reader(comment)@example.com',
    'reader@[127.0.0.1]',
    'reader@127.0.0.1',
    'reader@0x7f.1',
    'reader@[IPv6:::1]',
    'reader@user@example.com',
    'rea\\der@example.com',
    'reader@example.com\\x',
    'reader@example.com/path',
    'reader@example.com?subject=x',
    'reader@example.com#x',
    'reader@example.com:25',
    'reader@ex%61mple.com',
    'rea\u0000der@example.com',
    'reader@exam\u0000ple.com',
    'reader@example.com\r\nBcc: other@example.com',
    'rea\r\nder@example.com',
    'reader@exam\tple.com',
    'rea\u200bder@example.com',
    'rea\u202eder@example.com',
    'reader@exam\u202eple.com',
    'rea\u00a0der@example.com',
    'rea\ud800der@example.com',
    `${'a'.repeat(65)}@example.com`,
    `${'ä'.repeat(33)}@example.com`,
    `reader@${'a'.repeat(64)}.com`,
    `reader@${'abcdefghi.'.repeat(25)}com`,
    'mailto:reader@example.com',
    // What decomposes into syntax, or is told apart from letters by nobody.
    'rea≮der@example.com',
    'reader@≮example.com',
    'reader@exam≠ple.com',
    'rea‥der@example.com',
    'rea﹫der@example.com',
    'o´brien@example.com',
    '\u0300reader@example.com',
    'reader@exa—mple.com',
    'reader@exa–mple.com',
    // Two characters and two hyphens are kept for encodings.
    'reader@yy--0.com',
    'reader@yy－－0.com',
    'reader@example.ab--c.com',
    // No letters of a name (RFC 5892), however they are written.
    'reader@example€.com',
    'reader@example.com©',
    'reader@d’example.com',
    'reader@☃.example',
    'reader@xn--n3h.example',
    'reader@a·b.example',
    // A line end is no blank.
    '\nreader@example.com',
    '\r\n reader@example.com',
    'reader@example.com\r\n\r\n',
  ])('%j', (text) => {
    expect(parseAddress(text)).toEqual({ kind: 'malformed' });
  });
});

describe('one person is one key', () => {
  test('whatever the case, the form of the domain, the composition of letters, or the spaces around it', () => {
    for (const same of [
      ['reader@example.com', 'READER@Example.COM', '  reader@example.com\n'],
      ['leser@bücher.example', 'leser@xn--bcher-kva.example', 'Leser@BU\u0308CHER.Example'],
      ['zo\u00eb@example.com', 'zoe\u0308@example.com', 'ZO\u00cb@example.com'],
      ['reader@exam\u00adple.com', 'reader@example.com'],
    ]) {
      expect([same, new Set(same.map(keyOf)).size]).toEqual([same, 1]);
      expect(keyOf(same[0] ?? '')).toBeDefined();
    }
  });

  test('addresses that differ in dots or tags have different keys: only some servers treat them as one', () => {
    const keys = ['first.last@gmail.com', 'firstlast@gmail.com', 'firstlast+news@gmail.com'].map(keyOf);
    expect(new Set(keys).size).toBe(3);
  });
});

test('an accepted address contains no invisible characters and none that change the text direction', () => {
  const invisible = Array.from({ length: 0xe0100 }, (_, code) => String.fromCodePoint(code)).filter(
    (letter) => /^[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]$/u.test(letter),
  );
  expect(invisible.length).toBeGreaterThan(200);
  for (const letter of invisible) {
    const code = letter.codePointAt(0)?.toString(16);
    expect([code, parseAddress(`rea${letter}der@example.com`)]).toEqual([code, { kind: 'malformed' }]);
    const inDomain = parseAddress(`reader@exam${letter}ple.com`);
    // What IDNA drops from a name (soft hyphens and the like, UTS 46) is not there when it is written.
    if (inDomain.kind === 'address')
      expect([code, inDomain.address.key]).toEqual([code, 'reader@example.com']);
  }
});

const typed = fc.oneof(
  fc.emailAddress(),
  fc.string({ unit: 'binary', maxLength: 40 }),
  fc.tuple(fc.string({ maxLength: 20 }), fc.domain()).map(([local, domain]) => `${local}@${domain}`),
  fc
    .tuple(
      fc.emailAddress(),
      fc.nat(40),
      fc.constantFrom('\r\n', '\0', ' ', '<', ',', '@', '\u2028', '"', '%0d'),
    )
    .map(([email, at, extra]) => email.slice(0, at) + extra + email.slice(at)),
);

test('whatever was typed, an accepted address fits an SMTP envelope, and is parsed again to the same', () => {
  fc.assert(
    fc.property(typed, (text) => {
      const parsed = parseAddress(text);
      if (parsed.kind === 'malformed') return;
      const { email, key } = parsed.address;
      expect(email).not.toMatch(/[\p{C}\p{Z}<>()[\],:;"\\]/u);
      expect(email.split('@')).toHaveLength(2);
      expect(Buffer.byteLength(email)).toBeLessThanOrEqual(254);
      expect(email.slice(email.lastIndexOf('@'))).toMatch(/^@[a-z0-9.-]+$/);
      expect(parseAddress(email)).toEqual(parsed);
      expect(keyOf(key)).toBe(key);
    }),
    { numRuns: 2000 },
  );
});

test('however a domain is typed, it has one key', () => {
  const labels = fc.array(
    fc.constantFrom('bücher', 'straße', '例え', 'παράδειγμα', 'मेल', 'news', 'a1', 'é'),
    {
      minLength: 1,
      maxLength: 4,
    },
  );
  const dots = fc.constantFrom('.', '。', '．', '｡');
  fc.assert(
    fc.property(labels, dots, fc.constantFrom('NFC', 'NFD'), fc.boolean(), (names, dot, form, upper) => {
      const plain = keyOf(`reader@${names.join('.')}.example`);
      const domain = [...names, 'example'].join(dot).normalize(form);
      // Capital ß is SS, which is another name: IDNA 2008 keeps them apart.
      const typedIn = upper && !domain.includes('ß') ? domain.toUpperCase() : domain;
      expect(plain).toMatch(/^reader@[a-z0-9.-]+\.example$/);
      expect(keyOf(`READER@${typedIn}`)).toBe(plain);
      expect(keyOf(plain ?? '')).toBe(plain);
    }),
  );
});

test('plain addresses are always accepted', () => {
  const plain = fc
    .tuple(fc.stringMatching(/^[a-z0-9]{1,20}([._+-][a-z0-9]{1,10})?$/), fc.domain())
    .map(([local, domain]) => `${local}@${domain}`);
  fc.assert(fc.property(plain, (email) => keyOf(email) === email.toLowerCase()));
});

test('a masked address can be recognised by its owner, and not completed by others', () => {
  expect(maskAddress('reader@example.com')).toBe('r•••••@example.com');
  expect(maskAddress('r@example.com')).toBe('r•••••@example.com');
  expect(maskAddress('𝓻eader@example.com')).toBe('𝓻•••••@example.com');
});

const plainLabel = fc.string({
  unit: fc.constantFrom('a', 'B', '7', '-', '_', 'x', 'n'),
  minLength: 1,
  maxLength: 6,
});
const almostPlain = fc
  .tuple(
    fc.string({ unit: fc.constantFrom('a', 'Z', '1', '.', '+', '-', '_', "'", 'é'), maxLength: 70 }),
    fc.array(
      fc.oneof(
        plainLabel,
        fc.constantFrom('xn--p1ai', 'ab--c', 'com', 'ORG', 'a'.repeat(63), 'a'.repeat(64), '1'),
      ),
    ),
  )
  .map(([local, labels]) => `${local}@${labels.join('.')}`);

test('the short way for plain addresses ends where the long way does', () => {
  fc.assert(
    // A blank behind an address is dropped, and is nothing that a plain address has.
    fc.property(almostPlain, (text) => expect(parseAddress(text)).toEqual(parseAddress(`${text} `))),
    { numRuns: 1000 },
  );
});
