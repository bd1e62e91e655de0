import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { createMailDns, type MailDns } from '../../../../src/platform/mail/dns/records.js';
import { checkSpf } from '../../../../src/platform/mail/dns/spf.js';
import { startDnsServer, type DnsServer } from '../../../support/dns-server.js';

const SENDER = '192.0.2.25';

let server: DnsServer;
let dns: MailDns;

beforeAll(async () => {
  server = await startDnsServer();
  dns = createMailDns([server.address]);
});

afterAll(() => server.close());

beforeEach(() => {
  server.records.clear();
  server.hosts.clear();
});

/** What the record of lantern.example says of a server. */
async function verdictOf(record: string, ip = SENDER) {
  server.records.set('lantern.example', [[record]]);
  const result = await checkSpf(dns, 'lantern.example', ip);
  return result.kind === 'record' ? result.verdict : result;
}

test.each([
  ['v=spf1 ip4:192.0.2.25 -all', 'pass'],
  ['v=spf1 ip4:192.0.2.0/24 -all', 'pass'],
  ['V=SPF1 IP4:192.0.2.0/24 -ALL', 'pass'],
  ['v=spf1 ip4:192.0.2.0/30 -all', 'fail'],
  ['v=spf1 -ip4:192.0.2.25 +all', 'fail'],
  ['v=spf1 ip4:198.51.100.1 ~all', 'softfail'],
  ['v=spf1 ip6:2001:db8::/32 ?all', 'neutral'],
  ['v=spf1', 'neutral'],
  ['v=spf1 a -all', 'pass'],
  ['v=spf1 a:mail.lantern.example/24 -all', 'pass'],
  ['v=spf1 a:other.example -all', 'fail'],
  ['v=spf1 mx -all', 'pass'],
  ['v=spf1 mx:nobody.example -all', 'fail'],
  ['v=spf1 include:pass.example -all', 'pass'],
  ['v=spf1 include:fail.example ~all', 'softfail'],
  ['v=spf1 redirect=pass.example', 'pass'],
  ['v=spf1 exp=why.lantern.example exists:%{i}.list.example include:%{d}.x.example -all', 'fail'],
])('“%s” says of our server: %s (RFC 7208)', async (record, verdict) => {
  server.hosts.set('lantern.example', {
    A: [SENDER],
    MX: [{ preference: 10, exchange: 'mail.lantern.example' }],
  });
  server.hosts.set('mail.lantern.example', { A: ['192.0.2.26', SENDER] });
  server.hosts.set('other.example', { A: ['198.51.100.1'] });
  server.records.set('pass.example', [['v=spf1 ip4:192.0.2.0/24 -all']]);
  server.records.set('fail.example', [['v=spf1 -all']]);
  expect(await verdictOf(record)).toBe(verdict);
});

test('a server with an IPv6 address is looked up among those', async () => {
  server.hosts.set('lantern.example', { A: [SENDER], AAAA: ['2001:db8::25'] });
  expect(await verdictOf('v=spf1 a -all', '2001:db8::25')).toBe('pass');
  expect(await verdictOf('v=spf1 a//64 -all', '2001:db8::99')).toBe('pass');
  expect(await verdictOf('v=spf1 ip6:2001:db8::/32 -all', '2001:db8::25')).toBe('pass');
  expect(await verdictOf('v=spf1 ip4:192.0.2.25 -all', '2001:db8::25')).toBe('fail');
});

test('what receivers cannot use is told with its reason', async () => {
  expect(await verdictOf('v=spf1 ipv4:192.0.2.25 -all')).toMatchObject({
    kind: 'broken',
    reason: '“ipv4” is no mechanism',
  });
  expect(await verdictOf('v=spf1 ip4:lantern.example -all')).toMatchObject({
    reason: '“lantern.example” is no range of addresses',
  });
  expect(await verdictOf('v=spf1 include:none.example -all')).toMatchObject({
    reason: 'its include of none.example leads to no SPF record',
  });
  for (let at = 0; at < 12; at++)
    server.records.set(`i${at}.example`, [[`v=spf1 include:i${at + 1}.example -all`]]);
  expect(await verdictOf('v=spf1 include:i0.example -all')).toMatchObject({
    kind: 'broken',
    reason: 'it needs more than 10 lookups, at which receivers give up',
  });
  // Nor one that includes itself.
  server.records.set('loop.example', [['v=spf1 include:loop.example -all']]);
  expect(await verdictOf('v=spf1 include:loop.example -all')).toMatchObject({ kind: 'broken' });
});

test('no record, several, and a name server that is away are told apart; other texts beside it do not count', async () => {
  expect(await checkSpf(dns, 'lantern.example')).toEqual({ kind: 'none' });
  server.records.set('lantern.example', [['google-site-verification=x'], ['v=spf10 all']]);
  expect(await checkSpf(dns, 'lantern.example')).toEqual({ kind: 'none' });
  server.records.set('lantern.example', [['v=spf1 a ', '-all'], ['v=spf1 mx -all']]);
  expect(await checkSpf(dns, 'lantern.example')).toEqual({
    kind: 'several',
    records: ['v=spf1 a -all', 'v=spf1 mx -all'],
  });
  const away = createMailDns(['127.0.0.1:9']);
  expect(await checkSpf(away, 'lantern.example')).toEqual({ kind: 'no-answer', reason: 'ECONNREFUSED' });
});

test('no record makes it fail, whatever is in it', async () => {
  const term = fc.oneof(
    fc.constantFrom(
      'a',
      'mx',
      'ip4:',
      'ip6:::',
      'include:',
      'redirect=',
      '-all',
      'exists:%{i}',
      '//',
      'a/999',
      '+',
      '::',
    ),
    fc.string({ maxLength: 12 }),
  );
  await fc.assert(
    fc.asyncProperty(fc.array(term, { maxLength: 6 }), async (terms) => {
      const stub: MailDns = Object.assign(Object.create(dns) as MailDns, {
        resolveTxt: async (name: string) =>
          name === 'lantern.example' ? [[`v=spf1 ${terms.join(' ')}`]] : [],
        resolve4: async () => ['192.0.2.1'],
        resolve6: async () => [],
        resolveMx: async () => [],
      });
      const { kind } = await checkSpf(stub, 'lantern.example', SENDER);
      expect(['record', 'broken', 'none']).toContain(kind);
    }),
    { numRuns: 300, seed: Number(process.env['RANDOM_SEED']) },
  );
});
