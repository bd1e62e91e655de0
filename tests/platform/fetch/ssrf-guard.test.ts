import { expect, test } from '@jest/globals';
import {
  findRefusal,
  isPublicAddress,
  parseFetchUrl,
  parseAllowList,
} from '../../../src/platform/fetch/ssrf-guard.js';

const NONE = parseAllowList([]);

test.each([
  ['0.0.0.0', 'unspecified'],
  ['0.1.2.3', 'this network'],
  ['10.0.0.1', 'private'],
  ['100.64.0.1', 'carrier-grade NAT'],
  ['100.127.255.254', 'carrier-grade NAT'],
  ['127.0.0.1', 'loopback'],
  ['127.255.255.254', 'loopback'],
  ['169.254.169.254', 'link-local, cloud metadata'],
  ['172.16.0.1', 'private'],
  ['172.31.255.255', 'private'],
  ['192.0.0.1', 'protocol assignments'],
  ['192.0.2.1', 'documentation'],
  ['192.88.99.1', '6to4 relay'],
  ['192.168.1.1', 'private'],
  ['198.18.0.1', 'benchmarking'],
  ['198.51.100.1', 'documentation'],
  ['203.0.113.1', 'documentation'],
  ['224.0.0.1', 'multicast'],
  ['240.0.0.1', 'reserved'],
  ['255.255.255.255', 'broadcast'],
  ['::', 'unspecified'],
  ['::1', 'loopback'],
  ['::127.0.0.1', 'IPv4-compatible'],
  ['::ffff:127.0.0.1', 'IPv4-mapped loopback'],
  ['::ffff:8.8.8.8', 'IPv4-mapped public'],
  ['::ffff:0:127.0.0.1', 'IPv4-translated'],
  ['64:ff9b::7f00:1', 'NAT64'],
  ['64:ff9b:1::a00:1', 'local NAT64'],
  ['100::1', 'discard only'],
  ['2001::1', 'Teredo'],
  ['2001:2::1', 'benchmarking'],
  ['2001:10::1', 'ORCHID'],
  ['2001:20::1', 'ORCHIDv2'],
  ['2001:db8::1', 'documentation'],
  ['2002:7f00:1::', '6to4 of loopback'],
  ['3fff::1', 'documentation'],
  ['4000::1', 'unassigned'],
  ['5f00::1', 'segment routing'],
  ['fc00::1', 'unique local'],
  ['fd12:3456::1', 'unique local'],
  ['fe80::1', 'link-local'],
  ['fe80::1%eth0', 'link-local with a zone'],
  ['fec0::1', 'site-local'],
  ['ff02::1', 'multicast'],
  ['news.example', 'a name'],
  ['', 'nothing'],
])('%s (%s) is not an address of the public internet', (address) => {
  expect(isPublicAddress(address)).toBe(false);
});

test.each(['8.8.8.8', '172.32.0.1', '100.128.0.1', '169.253.1.1', '2606:4700::1111', '2a00:1450:4001::1'])(
  '%s is an address of the public internet',
  (address) => {
    expect(isPublicAddress(address)).toBe(true);
  },
);

test.each([
  'file:///etc/passwd',
  'ftp://news.example/feed',
  'gopher://news.example/',
  'data:text/xml,<rss/>',
  'javascript:alert(1)',
  'https://reader:secret@news.example/feed',
  'https://reader@news.example/feed',
  'news.example/feed',
  'http://',
  '',
])('%s is refused before anything is looked up', (address) => {
  expect(parseFetchUrl(address)).toEqual(expect.objectContaining({ code: expect.any(String) }));
});

test.each([
  'http://127.0.0.1/',
  'http://127.1/',
  'http://2130706433/',
  'http://0x7f000001/',
  'http://0177.0.0.1/',
  'http://[::1]/',
  'http://[::ffff:127.0.0.1]/',
  'http://[0:0:0:0:0:ffff:7f00:1]/',
  'http://127。0。0。1/',
])('%s is loopback however it is written', (address) => {
  const url = new URL(address);
  expect(findRefusal(url, [url.hostname.replace(/[[\]]/g, '')], NONE)).toEqual({
    code: 'private-address',
    host: url.hostname,
  });
});

test('one private address among public ones refuses the whole name', () => {
  const url = new URL('https://news.example/feed');
  expect(findRefusal(url, ['8.8.8.8', '2606:4700::1111'], NONE)).toBeUndefined();
  expect(findRefusal(url, ['8.8.8.8', '10.0.0.1'], NONE)?.code).toBe('private-address');
  expect(findRefusal(url, ['8.8.8.8', 'fd00::1'], NONE)?.code).toBe('private-address');
});

test('a name that resolves differently later is checked again', () => {
  const url = new URL('https://rebinding.example/');
  const answers = [['8.8.8.8'], ['127.0.0.1']];
  expect(answers.map((addresses) => findRefusal(url, addresses, NONE) === undefined)).toEqual([true, false]);
});

test('a name without addresses is refused', () => {
  expect(findRefusal(new URL('https://news.example/'), [], NONE)).toEqual({
    code: 'no-ip-address',
    host: 'news.example',
  });
});

test('only ports 80 and 443 are open unless the operator says otherwise', () => {
  const objection = (address: string, allow: string[]) =>
    findRefusal(new URL(address), ['8.8.8.8'], parseAllowList(allow));
  expect(objection('http://news.example/', [])).toBeUndefined();
  expect(objection('https://news.example:443/', [])).toBeUndefined();
  expect(objection('https://news.example:25/', [])).toEqual({
    code: 'port-not-allowed',
    host: 'news.example',
    port: 25,
  });
  expect(objection('https://news.example:80/', [])?.code).toBe('port-not-allowed');
  expect(objection('https://news.example:8443/', ['news.example'])).toBeUndefined();
  expect(objection('https://news.example:8443/', ['8.8.8.0/24'])).toBeUndefined();
  expect(objection('https://other.news.example:8443/', ['news.example'])?.code).toBe('port-not-allowed');
});

test.each([
  ['http://intranet/feed', ['10.1.2.3'], ['Intranet']],
  ['http://intranet./feed', ['10.1.2.3'], ['intranet']],
  ['http://intranet:8080/feed', ['10.1.2.3'], ['10.0.0.0/8']],
  ['http://10.1.2.3:8080/feed', ['10.1.2.3'], ['10.1.2.3']],
  ['http://[::1]:3000/feed', ['::1'], ['::1']],
  ['http://[::1]:3000/feed', ['::1'], ['[::1]']],
  ['http://[fd00::5]/feed', ['fd00::5'], ['fd00::/8']],
  ['http://localhost:3000/feed', ['127.0.0.1', '::ffff:127.0.0.1'], ['127.0.0.0/8']],
])('%s at %j is allowed by %j', (address, addresses, allow) => {
  expect(findRefusal(new URL(address), addresses, parseAllowList(allow))).toBeUndefined();
});

test('an allowed range does not open what lies beside it', () => {
  const allow = parseAllowList(['10.0.0.0/24', '']);
  expect(findRefusal(new URL('http://10.0.1.1/'), ['10.0.1.1'], allow)?.code).toBe('private-address');
  expect(findRefusal(new URL('http://intranet/'), ['10.0.0.5', '10.0.1.5'], allow)?.code).toBe(
    'private-address',
  );
});
