import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { domainOf } from '../../src/platform/mail/address.js';
import { createMailDomainCheck, type CheckMailDomain } from '../../src/platform/mail/mx-lookup.js';
import { parseAddress } from '../../src/subscribers/address.js';
import { takesMail } from '../../src/subscribers/sign-up/check-form.js';
import { startDnsServer, type DnsServer } from '../support/dns-server.js';

/**
 * Addresses with the verdict that a public test suite gives them by its default options, each once. `disputed` are of kinds
 * about which the suites contradict each other; `leftOut` says what of a suite is in neither.
 */
type Corpus = {
  source: string;
  address: string;
  licence: string;
  leftOut: string;
  valid: string[];
  invalid: string[];
  disputed: { valid: string[]; invalid: string[] };
};

const corpora = JSON.parse(
  readFileSync(join(import.meta.dirname, 'address-corpora.json'), 'utf8'),
) as Corpus[];

/** Called valid by some suite, and refused: by their kind, for what stands before or after the @. */
const REFUSED_KINDS = {
  // RFC 5321 section 4.1.2 asks hosts not to define such mailboxes, and programs disagree on where the quotes end.
  'in quotes': /^".*"@/su,
  // RFC 5322 section 4.4 has comments around the @ as obsolete, and an envelope none at all.
  'with a comment': /\(/u,
  'with a space that is escaped': /\\ /u,
  // No newsletter is read at a number of a host, which RFC 5321 section 4.1.3 has for hosts that no name server knows.
  'at an IP address': /@\[|@[\d.]+$/u,
  // RFC 5321 section 2.3.5 asks for names that are qualified.
  'at a name without a dot': /@[^.]+$/u,
};

/** Called invalid by some suite, and taken on purpose. */
const TAKEN_KINDS = {
  // Copying leaves these, and what is kept is the address alone.
  'with blanks or one line end around it': /^ *\S+ *(?:\r\n|\r|\n)? *$/u,
  // RFC 6531 section 3.3 allows each letter beyond ASCII.
  'with a symbol before the @': /^examp║le@|🍈@/u,
  // As an input method for Chinese or Japanese leaves them (RFC 8264 section 5.2.1, UTS 46).
  'in full-width letters': /[ａ-ｚ]/u,
  // As mail programs copy an address, whatever they call its owner.
  'in angle brackets behind a name': /^[^<>]*<[^<>]+>$/u,
};

let dns: DnsServer;
let checkMailDomain: CheckMailDomain;
const stopping = new AbortController();

beforeAll(async () => {
  dns = await startDnsServer();
  checkMailDomain = createMailDomainCheck({
    servers: [dns.address],
    now: () => new Date(),
    production: true,
    stopping: stopping.signal,
  });
});

afterAll(async () => {
  stopping.abort();
  await dns.close();
});

/** As sign-up judges in production, where the DNS knows a mail server for each domain. */
async function isTaken(typed: string): Promise<boolean> {
  const parsed = parseAddress(typed);
  if (parsed.kind === 'malformed') return false;
  const domain = domainOf(parsed.address.email);
  dns.hosts.set(domain, { MX: [{ preference: 10, exchange: 'mx.example' }] });
  return await takesMail({ checkMailDomain }, domain);
}

async function judge(addresses: string[]): Promise<{ taken: string[]; refused: string[] }> {
  const verdicts = await Promise.all(addresses.map(isTaken));
  return {
    taken: addresses.filter((_, at) => verdicts[at]),
    refused: addresses.filter((_, at) => !verdicts[at]),
  };
}

function ofNoKind(addresses: string[], kinds: Readonly<Record<string, RegExp>>): string[] {
  return addresses.filter((address) => !Object.values(kinds).some((kind) => kind.test(address)));
}

test('of the addresses that public test suites call valid, at most 1 in 40 is refused', async () => {
  const valid = corpora.flatMap((corpus) => corpus.valid);
  const { refused } = await judge(valid);
  console.info(`Valid and refused: ${refused.length} of ${valid.length}`);
  expect(valid.length).toBeGreaterThanOrEqual(137);
  expect(refused.length / valid.length).toBeLessThanOrEqual(0.025);
  expect(ofNoKind(refused, REFUSED_KINDS)).toEqual([]);
});

test('of the addresses that they call invalid, at most 20 in 294 are taken, and only such as are meant to be', async () => {
  const invalid = corpora.flatMap((corpus) => corpus.invalid);
  const { taken } = await judge(invalid);
  console.info(`Invalid and taken: ${taken.length} of ${invalid.length}`);
  expect(invalid.length).toBeGreaterThanOrEqual(513);
  expect(taken.length / invalid.length).toBeLessThanOrEqual(20 / 294);
  expect(ofNoKind(taken, TAKEN_KINDS)).toEqual([]);
});

test('where they contradict each other, each verdict follows from the kind of the address', async () => {
  const valid = await judge(corpora.flatMap(({ disputed }) => disputed.valid));
  const invalid = await judge(corpora.flatMap(({ disputed }) => disputed.invalid));
  console.info(
    `Disputed: ${valid.refused.length} of ${valid.refused.length + valid.taken.length} called valid refused, ` +
      `${invalid.taken.length} of ${invalid.refused.length + invalid.taken.length} called invalid taken`,
  );
  expect(ofNoKind(valid.refused, REFUSED_KINDS)).toEqual([]);
  expect(ofNoKind(invalid.taken, TAKEN_KINDS)).toEqual([]);
  // No kind is named that no address is of.
  const unused = (kinds: Readonly<Record<string, RegExp>>, addresses: string[]) =>
    Object.entries(kinds).filter(([, kind]) => !addresses.some((address) => kind.test(address)));
  expect(unused(REFUSED_KINDS, valid.refused)).toEqual([]);
});

test('each address stands in the corpora once, with one verdict, and each corpus says where it is from', () => {
  const all = corpora.flatMap(({ valid, invalid }) => [...valid, ...invalid]);
  expect(all.filter((address, at) => all.indexOf(address) !== at)).toEqual([]);
  for (const { source, address, licence } of corpora) {
    expect([source, licence].every((text) => text.length > 2)).toBe(true);
    expect(new URL(address).host).toBe('github.com');
  }
});
