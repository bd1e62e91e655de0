import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { createMailDns } from '../../../src/platform/mail/dns/records.js';
import { formatDkimRecord } from '../../../src/platform/mail/dkim/dns-record.js';
import { createMailer } from '../../../src/platform/mail/smtp/mailer.js';
import { activateDkimKeys } from '../../../src/transports/dkim/activate-keys.js';
import { createDkimKeys } from '../../../src/transports/dkim/create-keys.js';
import {
  checkReturnPath,
  checkSenderDns,
  checkSendingServers,
} from '../../../src/transports/sender-dns/check-sender-dns.js';
import type { DnsCheck, Signer } from '../../../src/transports/sender-dns/dns-check.js';
import { startDnsServer, type DnsServer } from '../../support/dns-server.js';
import { resetTestApp } from '../../support/fixtures.js';
import { openTestApp, type TestApp } from '../../support/test-app.js';

const domain = 'lantern.example';

let testApp: TestApp;
let server: DnsServer;

beforeAll(async () => {
  server = await startDnsServer();
  testApp = await openTestApp({ dnsServer: server.address });
});

afterAll(async () => {
  await testApp.close();
  await server.close();
});

beforeEach(async () => {
  await resetTestApp(testApp);
  server.records.clear();
  server.hosts.clear();
});

type Asked = { smtpUrl?: string; publicUrl?: string; signer?: Signer; selector?: string | null; of?: string };

/** The records of one domain, by what they are. */
async function check(asked: Asked = {}): Promise<Record<DnsCheck['record'], DnsCheck>> {
  const { smtpUrl = 'smtp://mail.lantern.example:587', publicUrl = 'https://news.lantern.example' } = asked;
  const { signer = 'server', selector = null, of = domain } = asked;
  const context = { ...testApp.context, publicUrl, mailer: createMailer({ smtpUrl, connections: 1 }) };
  const [found] = await checkSenderDns(context, { domains: [of], signer, selector });
  return Object.fromEntries((found?.checks ?? []).map((one) => [one.record, one])) as Record<
    DnsCheck['record'],
    DnsCheck
  >;
}

const spf = (...records: string[]) =>
  server.records.set(
    domain,
    records.map((record) => [record]),
  );

test('of a domain without records each says what to publish', async () => {
  expect(await check()).toMatchObject({
    spf: {
      type: 'TXT',
      name: domain,
      status: 'bad',
      sentence: 'There is no SPF record.',
      expected: 'v=spf1 a:mail.lantern.example ~all',
      found: [],
    },
    dkim: { status: 'look', sentence: expect.stringContaining('Ask whoever runs the mail server') },
    dmarc: { name: '_dmarc.lantern.example', status: 'bad', expected: 'v=DMARC1; p=none' },
    mx: {
      type: 'MX',
      status: 'bad',
      sentence: expect.stringContaining('There is no domain lantern.example.'),
    },
  });
});

test('a domain in good order has nothing to publish', async () => {
  server.hosts.set(domain, { MX: [{ preference: 10, exchange: 'mx.lantern.example' }] });
  server.hosts.set('mail.lantern.example', { A: ['192.0.2.25'], AAAA: ['2001:db8::25'] });
  spf('v=spf1 ip4:192.0.2.0/24 ip6:2001:db8::/32 -all');
  server.records.set('s1._domainkey.lantern.example', [['v=DKIM1; k=rsa; p=MIGf']]);
  server.records.set('_dmarc.lantern.example', [['v=DMARC1; p=quarantine; rua=mailto:d@lantern.example']]);
  const found = await check({ selector: 's1' });
  expect(Object.values(found).map(({ status, expected }) => [status, expected])).toEqual([
    ['good', null],
    ['good', null],
    ['good', null],
    ['good', null],
  ]);
  expect(found.mx.found).toEqual(['10 mx.lantern.example']);
});

test('an SPF record that leaves our server out is shown with what to add, before its end', async () => {
  server.hosts.set('mail.lantern.example', { A: ['192.0.2.25'] });
  spf('v=spf1 mx include:other.example -all');
  server.records.set('other.example', [['v=spf1 -all']]);
  expect((await check()).spf).toMatchObject({
    status: 'bad',
    sentence: expect.stringContaining('It does not let mail.lantern.example pass'),
    expected: 'v=spf1 mx include:other.example a:mail.lantern.example -all',
    found: ['v=spf1 mx include:other.example -all'],
  });
  // One of its two addresses is not enough: mail leaves by either.
  server.hosts.set('mail.lantern.example', { A: ['192.0.2.25'], AAAA: ['2001:db8::25'] });
  spf('v=spf1 ip4:192.0.2.25 ~all');
  expect((await check()).spf.status).toBe('bad');
});

test('SPF records that harm are told as such', async () => {
  spf('v=spf1 mx +all');
  expect((await check()).spf).toMatchObject({ status: 'bad', expected: 'v=spf1 mx ~all' });
  spf('v=spf1 mx -all', 'v=spf1 a -all');
  expect((await check()).spf).toMatchObject({
    status: 'bad',
    sentence: 'There are 2, and then receivers count none. Put them together into one.',
    found: ['v=spf1 mx -all', 'v=spf1 a -all'],
  });
});

test('of a company that sends, its own include is looked for; with an envelope of its own none is needed', async () => {
  spf('v=spf1 include:_spf.google.com ~all');
  server.records.set('_spf.google.com', [['v=spf1 ip4:192.0.2.0/24 ~all']]);
  const google = { smtpUrl: 'smtp://smtp-relay.gmail.com:587' };
  expect((await check(google)).spf.status).toBe('good');
  spf('v=spf1 mx ~all');
  expect((await check(google)).spf.expected).toBe('v=spf1 mx include:_spf.google.com ~all');

  const ses = { smtpUrl: 'smtp://email-smtp.eu-west-1.amazonaws.com:587' };
  expect((await check(ses)).spf.status).toBe('good');
  server.records.delete(domain);
  expect((await check(ses)).spf).toMatchObject({
    status: 'look',
    sentence: expect.stringContaining('Amazon SES sends with an envelope of its own. DKIM has to be right.'),
    expected: null,
  });
});

test('what a mail server on the same machine sends from is guessed from our address, and never called wrong', async () => {
  server.hosts.set('news.lantern.example', { A: ['192.0.2.80'] });
  const local = { smtpUrl: 'smtp://127.0.0.1:25' };
  spf('v=spf1 ip4:192.0.2.80 -all');
  expect((await check(local)).spf.status).toBe('good');
  spf('v=spf1 ip4:198.51.100.7 -all');
  expect((await check(local)).spf).toMatchObject({
    status: 'look',
    sentence: expect.stringContaining('cannot be told from here'),
  });
  server.records.delete(domain);
  expect((await check(local)).spf.expected).toBe('v=spf1 a:news.lantern.example ~all');
});

test('a policy of the parent domain holds, and a broken one does not', async () => {
  server.records.set('_dmarc.lantern.example', [['v=DMARC1; p=reject; sp=none']]);
  expect((await check({ of: 'news.lantern.example' })).dmarc).toMatchObject({
    status: 'good',
    sentence: 'The policy of _dmarc.lantern.example holds here, too.',
  });
  server.records.set('_dmarc.lantern.example', [['v=DMARC1; rua=mailto:x@lantern.example']]);
  expect((await check()).dmarc).toMatchObject({
    status: 'look',
    sentence: expect.stringContaining('receivers take it for p=none'),
    expected: 'v=DMARC1; p=none; rua=mailto:x@lantern.example',
  });
  server.records.set('_dmarc.lantern.example', [['v=DMARC1; p=block']]);
  expect((await check()).dmarc).toMatchObject({ status: 'bad', found: ['v=DMARC1; p=block'] });
  server.records.set('_dmarc.lantern.example', [['v=DMARC1; p=none'], ['v=DMARC1; p=reject']]);
  expect((await check()).dmarc.sentence).toContain('there are 2, and then receivers count none');
});

const dmarc = (name: string, ...tags: string[]) =>
  server.records.set(`_dmarc.${name}`, [[`v=DMARC1; ${tags.join('; ')}`]]);
const asked = () =>
  server.asked.filter((query) => query.startsWith('_dmarc.')).map((query) => query.slice(7).split(' ')[0]);

test('the policy above a domain is found by a walk up the DNS, which ends at a psd tag or the top (RFC 9989)', async () => {
  const of = 'news.town.lantern.example';
  const held = async () => (await check({ of })).dmarc.sentence;
  // The shortest name that has one is the organisation's.
  dmarc('town.lantern.example', 'p=none');
  dmarc('lantern.example', 'p=reject');
  server.asked.length = 0;
  expect(await held()).toBe('The policy of _dmarc.lantern.example holds here, too.');
  expect(asked()).toEqual([of, 'town.lantern.example', 'lantern.example', 'example']);
  // One that says it is none of a suffix is the organisation's.
  dmarc('town.lantern.example', 'p=none', 'psd=n');
  server.asked.length = 0;
  expect(await held()).toBe('The policy of _dmarc.town.lantern.example holds here, too.');
  expect(asked()).toEqual([of, 'town.lantern.example']);
  // Below a public suffix the next name is the organisation's, and without a record of its own the suffix's holds.
  dmarc('town.lantern.example', 'p=none');
  dmarc('lantern.example', 'p=reject', 'psd=y');
  expect(await held()).toBe('The policy of _dmarc.town.lantern.example holds here, too.');
  server.records.delete('_dmarc.town.lantern.example');
  expect(await held()).toBe('The policy of _dmarc.lantern.example holds here, too.');
});

test('of a name with many labels eight are asked about at most', async () => {
  const of = 'a.b.c.d.e.f.g.h.i.lantern.example';
  dmarc('lantern.example', 'p=reject');
  server.asked.length = 0;
  expect((await check({ of })).dmarc.status).toBe('good');
  expect(asked()).toEqual([
    of,
    ...['e.f.g.h.i', 'f.g.h.i', 'g.h.i', 'h.i', 'i'].map((labels) => `${labels}.lantern.example`),
    'lantern.example',
    'example',
  ]);
});

test('a tag that means nothing any more is named, and none of them is asked for', async () => {
  dmarc(domain, 'p=none', 'pct=20', 'ri=3600');
  expect((await check()).dmarc).toMatchObject({
    status: 'good',
    sentence: 'There is a policy. Take pct=, ri= out: it means nothing any more (RFC 9989).',
  });
  server.records.clear();
  expect((await check()).dmarc.expected).toBe('v=DMARC1; p=none');
});

const servers = (smtpUrl = 'smtp://mail.lantern.example:587', publicUrl = 'https://news.lantern.example') =>
  checkSendingServers({ ...testApp.context, publicUrl, mailer: createMailer({ smtpUrl, connections: 1 }) });

test('the name of an address that mail is sent from has to lead back to it', async () => {
  server.hosts.set('mail.lantern.example', { A: ['192.0.2.25'], AAAA: ['2001:db8::25'] });
  const six = `5.2.${'0.'.repeat(22)}8.b.d.0.1.0.0.2.ip6.arpa`;
  expect((await servers()).filter(({ record }) => record === 'ptr')).toMatchObject([
    { type: 'PTR', name: '192.0.2.25', status: 'bad', expected: 'mail.lantern.example', found: [] },
    { name: '2001:db8::25', status: 'bad' },
  ]);
  server.hosts.set('25.2.0.192.in-addr.arpa', { PTR: ['host-25.provider.example'] });
  server.hosts.set('host-25.provider.example', { A: ['192.0.2.99'] });
  server.hosts.set(six, { PTR: ['mail.lantern.example'] });
  expect((await servers()).slice(0, 2)).toMatchObject([
    {
      status: 'bad',
      sentence: expect.stringContaining('does not lead back'),
      found: ['host-25.provider.example'],
    },
    { status: 'good', found: ['mail.lantern.example'] },
  ]);
  server.hosts.set('host-25.provider.example', { A: ['192.0.2.25'] });
  expect((await servers()).slice(0, 2).map(({ status }) => status)).toEqual(['good', 'good']);
  // On this machine mail may leave by another address than that of the pages.
  server.hosts.set('news.lantern.example', { A: ['192.0.2.7'] });
  expect((await servers('smtp://127.0.0.1:25'))[0]).toMatchObject({ name: '192.0.2.7', status: 'look' });
  expect(
    (await servers('smtp://email-smtp.eu-west-1.amazonaws.com:587')).map(({ record }) => record),
  ).toEqual(['tls']);
});

test('a server that mail may go to in clear is told', async () => {
  const tls = async (url: string) => (await servers(url)).find(({ record }) => record === 'tls')?.status;
  expect(await tls('smtp://mail.lantern.example:587')).toBe('look');
  expect(await tls('smtp://mail.lantern.example:587?requireTLS=true')).toBe('good');
  expect(await tls('smtps://mail.lantern.example')).toBe('good');
  expect(await tls('smtp://127.0.0.1:25')).toBe('good');
});

test('of the domain that mail is returned to the SPF, MX and MTA-STS records are looked at', async () => {
  const smtpUrl = 'smtp://mail.lantern.example:587';
  const context = { ...testApp.context, mailer: createMailer({ smtpUrl, connections: 1 }) };
  const look = async () => (await checkReturnPath(context, 'bounce.lantern.example')).checks;
  expect(await look()).toMatchObject([
    {
      record: 'spf',
      name: 'bounce.lantern.example',
      status: 'bad',
      expected: 'v=spf1 a:mail.lantern.example ~all',
    },
    { record: 'mx', status: 'bad' },
    { record: 'mta-sts', status: 'good' },
  ]);
  server.hosts.set('mail.lantern.example', { A: ['192.0.2.25'] });
  server.hosts.set('bounce.lantern.example', { MX: [{ preference: 10, exchange: 'mail.lantern.example' }] });
  server.records.set('bounce.lantern.example', [['v=spf1 a:mail.lantern.example -all']]);
  expect((await look()).map(({ status }) => status)).toEqual(['good', 'good', 'good']);
  server.records.set('_mta-sts.bounce.lantern.example', [['v=STSv1; id=20261101']]);
  expect((await look())[2]).toMatchObject({
    status: 'look',
    sentence: expect.stringContaining('https://mta-sts.bounce.lantern.example/.well-known/mta-sts.txt'),
  });
});

test('a domain that takes no mail is told, and one without an MX may take it', async () => {
  server.hosts.set(domain, { MX: [{ preference: 0, exchange: '' }], A: ['192.0.2.1'] });
  expect((await check()).mx).toMatchObject({ status: 'bad', found: ['0 .'] });
  server.hosts.set(domain, { A: ['192.0.2.1'] });
  expect((await check()).mx.status).toBe('look');
  server.hosts.set(domain, { trouble: 'failure' });
  expect((await check()).mx).toMatchObject({
    status: 'look',
    sentence: expect.stringContaining('ESERVFAIL'),
  });
});

test('our own keys are looked up before and after they sign', async () => {
  const own = { signer: 'paperround' } as const;
  expect((await check(own)).dkim).toMatchObject({
    status: 'bad',
    sentence: expect.stringContaining('no keys'),
  });
  const made = await createDkimKeys(testApp.context, { domain, algorithms: ['ed25519-sha256'] });
  const [key] = made.kind === 'created' ? made.keys : [];
  if (key === undefined) throw new Error('No key was made');
  const { name, value } = formatDkimRecord(key);
  expect((await check(own)).dkim).toMatchObject({
    name,
    status: 'bad',
    sentence: 'There is no such record.',
    expected: value,
  });
  server.records.set(name, [[value]]);
  expect((await check(own)).dkim).toMatchObject({
    status: 'look',
    sentence: 'The record is there. Mail is not signed with it yet.',
  });
  await activateDkimKeys(testApp.context, domain, undefined);
  expect((await check(own)).dkim).toMatchObject({ status: 'good', sentence: 'Mail is signed with it.' });
  server.records.set(name, [['v=DKIM1; k=ed25519; p=other']]);
  expect((await check(own)).dkim.sentence).toContain(
    'Receivers take the signature of your mail for a false one.',
  );
});

test('a key of the mail server that was taken back, or is not there, is told', async () => {
  const named = { selector: 's1' };
  expect((await check(named)).dkim).toMatchObject({ status: 'bad', name: 's1._domainkey.lantern.example' });
  server.records.set('s1._domainkey.lantern.example', [['v=DKIM1; p=']]);
  expect((await check(named)).dkim.sentence).toBe('The record has no key: it was taken back.');
});

test('a name server that is away makes nothing wrong', async () => {
  const context = { ...testApp.context, dns: createMailDns(['127.0.0.1:9']) };
  const [found] = await checkSenderDns(context, {
    domains: [domain, 'LANTERN.example'],
    signer: 'server',
    selector: 's',
  });
  expect(found?.checks.map(({ status }) => status)).toEqual(['look', 'look', 'look', 'look']);
  expect(found?.checks[0]?.sentence).toContain('The name server did not answer (ECONNREFUSED)');
});
