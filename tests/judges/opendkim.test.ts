import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { createSigner, type Signer } from '../../src/platform/mail/dkim/signer.js';
import { publishKey, type DnsZone } from '../platform/mail/dkim/verifier.js';
import { goldenMessages } from './golden-messages.js';

// Without it the test is skipped; apt-get install opendkim brings it.
const binary = ['opendkim', '/usr/sbin/opendkim'].find((name) => spawnSync(name, ['-V']).status === 0);
const testWithOpenDkim = binary === undefined ? test.skip : test;

const zone: DnsZone = new Map();
let folder: string;
let signer: Signer;
let foreign: Signer;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'paperround-opendkim-'));
  signer = createSigner([await publishKey(zone, 'lantern.example', 'rsa-sha256')]);
  foreign = createSigner([await publishKey(new Map(), 'lantern.example', 'rsa-sha256')]);
  // It looks keys up in this file, and nowhere else.
  const records = [...zone].map(([name, strings]) => `${name} ${strings.join('')}\n`);
  writeFileSync(join(folder, 'keys'), records.join(''));
  writeFileSync(join(folder, 'opendkim.conf'), `TestDNSData ${join(folder, 'keys')}\nMode v\nSyslog no\n`);
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** What OpenDKIM says of each message, in the order of their names. */
function verify(messages: ReadonlyMap<string, Buffer>): string {
  const files = [...messages].map(([name, raw]) => {
    const file = join(folder, `${name}.eml`);
    writeFileSync(file, raw);
    return file;
  });
  const words = ['-x', join(folder, 'opendkim.conf'), '-t', files.join(',')];
  const { stdout, stderr } = spawnSync(binary ?? 'opendkim', words, { encoding: 'utf8' });
  return stdout + stderr;
}

testWithOpenDkim(
  'OpenDKIM finds the signature of every kind of mail good, and one that is not ours bad (skipped without OpenDKIM)',
  async () => {
    const messages = await goldenMessages(signer.sign);
    const said = verify(messages);
    const good = said.match(/verification \(s=pr-rsa, d=lantern\.example, 2048-bit key\) succeeded/g) ?? [];
    expect(good).toHaveLength(messages.size);
    const [[name, message] = ['', Buffer.alloc(0)]] = messages;
    const changed = Buffer.from(message.toString('latin1').replace('Lantern', 'Lamp'), 'latin1');
    expect(verify(new Map([[name, changed]]))).not.toContain('succeeded');
    const others = await goldenMessages(foreign.sign);
    expect(verify(new Map([...others].slice(0, 1)))).not.toContain('succeeded');
  },
);
