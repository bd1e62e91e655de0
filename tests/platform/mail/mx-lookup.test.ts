import { afterEach, beforeEach, expect, test } from '@jest/globals';
import {
  skipMailDomainCheck,
  createMailDomainCheck,
  type CheckMailDomain,
} from '../../../src/platform/mail/mx-lookup.js';
import { startDnsServer, type DnsServer, type Host } from '../../support/dns-server.js';

let dns: DnsServer;
let time: number;
let ask: CheckMailDomain;
let stopping: AbortController;

beforeEach(async () => {
  dns = await startDnsServer();
  dns.hosts.set('org', { NS: ['a0.org.afilias-nst.info'] });
  time = Date.parse('2026-11-22T09:00:00Z');
  stopping = new AbortController();
  ask = createMailDomainCheck({
    servers: [dns.address],
    now: () => new Date(time),
    stopping: stopping.signal,
  });
});

afterEach(async () => {
  stopping.abort();
  await dns.close();
});

const cases: [string, Host | undefined, string][] = [
  ['with a mail exchange', { MX: [{ preference: 10, exchange: 'mx.lantern-mail.com' }] }, 'receives'],
  ['with an address alone, which is its implicit mail exchange', { A: ['192.0.2.1'] }, 'receives'],
  ['with an IPv6 address alone', { AAAA: ['2001:db8::1'] }, 'receives'],
  [
    'with a null MX (RFC 7505), though it has an address',
    { MX: [{ preference: 0, exchange: '' }], A: ['192.0.2.1'] },
    'none',
  ],
  ['that does not exist', undefined, 'none'],
  ['that exists and has nothing', {}, 'none'],
  ['whose name server fails', { trouble: 'failure' }, 'unknown'],
];

test.each(cases)('a domain %s', async (_, host, answer) => {
  if (host !== undefined) dns.hosts.set('lantern-mail.com', host);
  expect(await ask('lantern-mail.com')).toBe(answer);
});

test('a name server that does not answer delays the reader 0.3 s at most, once', async () => {
  dns.hosts.set('lantern-mail.com', { trouble: 'silence' });
  const began = performance.now();
  expect(await ask('lantern-mail.com')).toBe('unknown');
  const took = performance.now() - began;
  expect(took).toBeGreaterThan(250);
  expect(took).toBeLessThan(500);
});

test('a process that ends does not wait for name servers', async () => {
  dns.hosts.set('lantern-mail.com', { trouble: 'silence' });
  const began = performance.now();
  const asked = ask('lantern-mail.com');
  setTimeout(() => stopping.abort(), 20);
  expect(await asked).toBe('unknown');
  expect(performance.now() - began).toBeLessThan(200);
});

test('without a name server no address is refused', async () => {
  const { address } = dns;
  await dns.close();
  const alone = createMailDomainCheck({
    servers: [address],
    now: () => new Date(time),
    stopping: stopping.signal,
  });
  expect(await alone('lantern-mail.com')).toBe('unknown');
  dns = await startDnsServer();
});

test('a name server that knows only a private network is not believed that a domain is missing', async () => {
  dns.hosts.delete('org');
  dns.hosts.set('intranet-mail.com', { A: ['192.0.2.1'] });
  expect(await ask('lantern-mail.com')).toBe('unknown');
  expect(await ask('intranet-mail.com')).toBe('receives');
});

test('an answer is cached for minutes, and a missing domain for one, as it may be new', async () => {
  dns.hosts.set('lantern-mail.com', { MX: [{ preference: 10, exchange: 'mx.lantern-mail.com' }] });
  const both = () => Promise.all([ask('lantern-mail.com'), ask('late-mail.com')]);
  expect(await both()).toEqual(['receives', 'none']);
  dns.asked.length = 0;
  expect(await both()).toEqual(['receives', 'none']);
  expect(dns.asked).toEqual([]);
  dns.hosts.set('late-mail.com', { A: ['192.0.2.1'] });
  time += 61_000;
  expect(await both()).toEqual(['receives', 'receives']);
  expect(dns.asked.filter((question) => question.startsWith('lantern-mail.com'))).toEqual([]);
  time += 10 * 60_000;
  await both();
  expect(dns.asked).toContain('lantern-mail.com MX');
});

test('checks at the same moment share one query', async () => {
  dns.hosts.set('lantern-mail.com', { MX: [{ preference: 10, exchange: 'mx.lantern-mail.com' }] });
  const answers = await Promise.all(Array.from({ length: 50 }, () => ask('lantern-mail.com')));
  expect(new Set(answers)).toEqual(new Set(['receives']));
  expect(dns.asked).toEqual(['lantern-mail.com MX']);
});

test('many made-up domains do not cause as many queries', async () => {
  const names = Array.from({ length: 300 }, (_, at) => `made-up-${at}.com`);
  for (const name of names) dns.hosts.set(name, { trouble: 'silence' });
  await Promise.all(names.map(ask));
  expect(dns.asked.length).toBeLessThanOrEqual(100);
});

test('reserved and private names are never looked up (RFC 6761)', async () => {
  const reserved = [
    'example.com',
    'mail.example.org',
    'lantern.example',
    'lantern.test',
    'no.invalid',
    'a.localhost',
    'printer.local',
    'nas.home.arpa',
    'wiki.internal',
    'hidden.onion',
  ];
  for (const domain of reserved) expect([domain, await ask(domain)]).toEqual([domain, 'unknown']);
  expect(dns.asked).toEqual([]);
  expect(await ask('notexample.com')).toBe('none');
});

test('in production names that no mail server can be behind take no mail', async () => {
  const askInProduction = createMailDomainCheck({
    servers: ['127.0.0.1:1'],
    now: () => new Date(),
    production: true,
    stopping: new AbortController().signal,
  });
  const unreachable = [
    'lantern.test',
    'no.invalid',
    'a.localhost',
    'printer.local',
    'nas.home.arpa',
    'hidden.onion',
    'x.alt',
  ];
  for (const domain of unreachable) expect([domain, await askInProduction(domain)]).toEqual([domain, 'none']);
  for (const domain of ['example.com', 'lantern.example', 'wiki.internal'])
    expect([domain, await askInProduction(domain)]).toEqual([domain, 'unknown']);
});

test('when mail stays on this machine nothing is looked up', async () => {
  expect(await skipMailDomainCheck('lantern-mail.com')).toBe('unknown');
});
