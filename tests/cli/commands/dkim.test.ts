import { afterEach, beforeEach, expect, jest, test } from '@jest/globals';
import { dumpTables } from '../../support/table-dump.js';
import { startDnsServer, type DnsServer } from '../../support/dns-server.js';
import { createLantern, openTerminal, type Terminal } from '../open-terminal.js';

type Shown = {
  domain: string;
  selector: string;
  state: string;
  record: { name: string; value: string; strings: string[]; zone: string };
  dns?: { kind: string };
};

let terminal: Terminal;
let dns: DnsServer;
jest.setTimeout(90_000);

beforeEach(async () => {
  terminal = await openTerminal();
  dns = await startDnsServer();
});

afterEach(() => Promise.all([terminal.close(), dns.close()]));

function publish(keys: readonly Shown[]): void {
  for (const { record } of keys) dns.records.set(record.name, [record.strings]);
}

test('keys are made, published, activated, shown and rotated', async () => {
  const { run, json, db } = terminal;
  const ask = ['--dns', dns.address];
  await createLantern(db, { noticeAddress: 'confirm@Mail.lantern.example' });
  expect(await run('dkim', 'show')).toEqual({
    code: 0,
    stdout: 'No mail is signed yet. Make keys with: paperround dkim create\n',
    stderr: '',
  });
  const made = await run('dkim', 'create');
  expect(made).toMatchObject({ code: 0, stderr: '' });
  expect(made.stdout).toMatch(/^Made 2 keys for lantern\.example\. Publish these TXT records in its DNS:$/m);
  expect(made.stdout).toContain('Then: paperround dkim create --activate --domain lantern.example\n');
  expect(made.stdout).toContain('needs keys too: --domain mail.lantern.example\n');

  const keys = await json<Shown[]>('dkim', 'show');
  expect(keys.map(({ state }) => state)).toEqual(['waiting', 'waiting']);
  for (const { record, domain, selector } of keys) {
    expect(record.name).toBe(`${selector}._domainkey.${domain}`);
    expect(record.strings.join('')).toBe(record.value);
    expect(Math.max(...record.strings.map((text) => text.length))).toBeLessThanOrEqual(255);
    const zone = /^(\S+)\. 3600 IN TXT (?:\( ("[^"]+" "[^"]+") \)|("[^"]+"))$/.exec(record.zone);
    expect(zone?.[1]).toBe(record.name);
    expect((zone?.[2] ?? zone?.[3])?.split('" "').join('').slice(1, -1)).toBe(record.value);
    for (const words of [record.name, record.value, record.zone]) expect(made.stdout).toContain(words);
  }
  expect(keys.map(({ record }) => [record.strings.length, record.value.slice(0, 22)])).toEqual([
    [2, 'v=DKIM1; k=rsa; p=MIIB'],
    [1, expect.stringMatching(/^v=DKIM1; k=ed25519; p=/)],
  ]);

  publish(keys.slice(0, 1));
  const before = await dumpTables(db);
  const early = await run('dkim', 'create', '--activate', ...ask);
  expect([early.code, early.stdout]).toEqual([1, '']);
  expect(early.stderr).toMatch(
    /^Nothing was changed\. .*\n .*-rsa\..* as it should be\n .* there is no such record\n/,
  );
  expect(await dumpTables(db)).toEqual(before);
  const checked = await run('dkim', 'show', '--check', '--json', ...ask);
  expect([checked.code, checked.stderr]).toEqual([
    1,
    'The DNS does not show every record as it should be.\n',
  ]);
  const looked = JSON.parse(checked.stdout) as Shown[];
  expect(looked.map((key) => key.dns?.kind)).toEqual(['published', 'missing']);

  publish(keys);
  const activated = await run('dkim', 'create', '--activate', ...ask);
  expect(activated).toEqual({
    code: 0,
    stdout:
      'Mail from lantern.example is signed with 2 keys from now on; workers know within half a minute.\n',
    stderr: '',
  });
  const next = await json<{ domain: string; keys: Shown[] }>('dkim', 'rotate', '--algorithm', 'ed25519');
  expect(next).toMatchObject({ domain: 'lantern.example', keys: [{ state: 'waiting' }] });
  publish(next.keys);
  const rotated = await json<{ keys: Shown[]; retired: Shown[] }>('dkim', 'rotate', '--activate', ...ask);
  expect(rotated.keys.map(({ selector }) => selector)).toEqual(next.keys.map(({ selector }) => selector));
  expect(rotated.retired.map(({ selector }) => selector).toSorted()).toEqual(
    keys.map(({ selector }) => selector).toSorted(),
  );
  // Records of retired keys may be deleted.
  dns.records.clear();
  publish(next.keys);
  expect(await run('dkim', 'show', '--check', ...ask)).toMatchObject({
    code: 0,
    stdout: expect.stringMatching(/retired .*\n[^]*signs since .*\n {2}in the DNS {2}as it should be\n/),
  });
});

test('misuse and what cannot be done are reported, and nothing is changed', async () => {
  const { run, db } = terminal;
  // The first command makes the key of the address hashes.
  await run('dkim', 'show');
  const before = await dumpTables(db);
  const lantern = ['--domain', 'lantern.example'];
  const answers: [string[], number, RegExp][] = [
    [['create'], 1, /^There is no publication yet/],
    [['create', '--domain', 'no domain'], 2, /^That is not a domain mail can be signed for: no domain\n/],
    [
      ['create', ...lantern, '--algorithm', 'dsa'],
      2,
      /^An algorithm is rsa, ed25519 or both; this is not: dsa\n/,
    ],
    [['create', ...lantern, '--activate', '--dns', 'ns.example'], 2, /^--dns takes an IP address/],
    [
      ['create', ...lantern, '--activate', '--unchecked'],
      1,
      /^No key of lantern\.example waits to be activated/,
    ],
    [['rotate', ...lantern], 1, /^There is no key of lantern\.example to follow; nothing was made/],
    [['show', '--publication', 'nobody'], 1, /^There is no publication "nobody"/],
  ];
  const given = await Promise.all(answers.map(([words]) => run('dkim', ...words)));
  answers.forEach(([words, code, sentence], at) => {
    expect([words, given[at]?.code, given[at]?.stdout]).toEqual([words, code, '']);
    expect(given[at]?.stderr).toMatch(sentence);
  });
  expect(await dumpTables(db)).toEqual(before);

  const made = await run('dkim', 'create', ...lantern, '--algorithm', 'ed25519');
  expect(made.stdout).toContain('Many receivers cannot check Ed25519 yet');
  expect(await run('dkim', 'create', ...lantern)).toMatchObject({
    code: 1,
    stderr: expect.stringMatching(
      /^Keys of lantern\.example wait for their records already; nothing was changed\./,
    ),
  });
  expect(await run('dkim', 'create', ...lantern, '--activate', '--unchecked')).toMatchObject({ code: 0 });
  expect(await run('dkim', 'create', ...lantern)).toMatchObject({
    code: 1,
    stderr: expect.stringMatching(/^Mail from lantern\.example is signed already; nothing was changed\./),
  });
  const help = await run('dkim', 'rotate', '--help');
  expect(help).toMatchObject({ code: 0, stderr: '' });
  expect(help.stdout).toMatch(/--activate looks whether the DNS has the records/);
});
