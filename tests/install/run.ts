// Runs docs/install.md word for word on a bare Debian: npm run test:install [-- SUITE]
// From nothing to the first signed mail that a real Postfix delivers, then what its units promise, then an upgrade.
import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { verifySignatures, type DnsZone } from '../platform/mail/dkim/verifier.js';
import { packRelease, runOrThrow } from '../release/pack-release.js';
import { waitUntil } from '../support/wait-until.js';
import { checkUnits } from './check-units.js';
import { bootDebian, type Debian } from './debian.js';
import { readCommands } from './documented-commands.js';
import { startInternet, type Internet } from './internet.js';

const MAX_COMMANDS = 15;
const repository = join(import.meta.dirname, '../..');
const page = join(repository, 'docs/install.md');
const say = (line: string) => process.stdout.write(`${line}\n`);

const suite = process.argv[2] ?? 'bookworm';
const install = readCommands(page, 'A Debian machine, from nothing to the first mail');
const upgrade = readCommands(page, 'Upgrade');
if (install.length > MAX_COMMANDS)
  throw new Error(`${install.length} commands are more than ${MAX_COMMANDS}.`);

const missing = ['debootstrap', 'unshare', 'nsenter', 'ip', 'pgrep'].filter(
  (name) => spawnSync(name, ['--version']).error !== undefined,
);
if (process.getuid?.() !== 0 || missing.length > 0)
  throw new Error(
    `It boots a Debian in namespaces, which takes root, and the programs ${missing.join(', ')}.`,
  );

const folder = mkdtempSync(join(tmpdir(), 'paperround-packed-'));
const debian = await bootDebian(suite);
const internet = await startInternet(debian);
try {
  say(`A bare Debian (${suite}), booted with its own systemd`);
  for (const [name, tarball] of packReleases(folder, [install, upgrade]))
    copyFileSync(tarball, join(debian.root, 'root', name));
  const zone: DnsZone = new Map();
  const began = performance.now();
  for (const [at, command] of install.entries())
    await runCommand(debian, internet, { command, label: `${at + 1}`, zone });
  const mail = await waitUntil(() => internet.mails[0], 120_000);
  const seconds = Math.round((performance.now() - began) / 1000);
  await checkMail(mail, zone);
  say(`From nothing to the first signed mail: ${install.length} commands, ${seconds} s, downloads included`);
  await confirm(debian, mail);
  await checkUnits(debian, say);
  for (const [at, command] of upgrade.entries())
    await runCommand(debian, internet, { command, label: `upgrade ${at + 1}`, zone });
  await checkUpgrade(debian);
  say('1 passed, 0 failed');
} finally {
  await internet.stop();
  await debian.stop();
  rmSync(folder, { recursive: true, force: true });
}

/** The releases that the commands name: what is packed here, under each of those versions. */
function packReleases(folder: string, commands: string[][]): Map<string, string> {
  const { version } = JSON.parse(readFileSync(join(repository, 'package.json'), 'utf8')) as {
    version: string;
  };
  const packed = packRelease(folder);
  const [installed, next] = commands.map(
    (list) => /paperround-([\d.]+)\.tgz/.exec(list.join('\n'))?.[1] ?? '',
  );
  if (installed !== version)
    throw new Error(`docs/install.md installs ${installed}, and this is ${version}.`);
  runOrThrow('tar', ['-xzf', packed], { cwd: folder });
  const manifest = join(folder, 'package/package.json');
  writeFileSync(
    manifest,
    readFileSync(manifest, 'utf8').replace(`"version": "${version}"`, `"version": "${next}"`),
  );
  runOrThrow('tar', ['-czf', 'next.tgz', 'package'], { cwd: folder });
  return new Map([
    [`paperround-${installed}.tgz`, packed],
    [`paperround-${next}.tgz`, join(folder, 'next.tgz')],
  ]);
}

async function runCommand(
  debian: Debian,
  internet: Internet,
  { command, label, zone }: { command: string; label: string; zone: DnsZone },
): Promise<void> {
  const isOnline = /^(\w+=\w+ )?(apt-get|npm) /.test(command);
  const began = performance.now();
  const { status, output } = await debian.run(command, { isOnline });
  say(`${label.padStart(2)}  ${Math.round((performance.now() - began) / 1000)} s  ${command.split('\n')[0]}`);
  if (status !== 0) throw new Error(`Exit code ${status}: ${command}\n${output}`);
  if (/apt-get install .*caddy/.test(command)) await internet.startAuthority();
  // What a person does with what `dkim create` prints: she publishes it.
  for (const [, name = '', value = ''] of output.matchAll(
    /^(\S+_domainkey\S+) .*\n(?:.*\n)*?\s+TXT value\s+(.+)$/gm,
  )) {
    const strings = value.match(/.{1,255}/g) ?? [];
    zone.set(name, strings);
    internet.publish(name, strings);
  }
}

/** It came through Debian's Postfix, and both its signatures hold. */
async function checkMail(raw: string, zone: DnsZone): Promise<void> {
  const [head = ''] = raw.split('\r\n\r\n');
  if (!/^Received: [^]*?\bby news\.example\.com \(Postfix\)/.test(head))
    throw new Error(`Not by Postfix:\n${head}`);
  const results = await verifySignatures(Buffer.from(raw, 'latin1'), zone);
  if (results.join() !== 'pass,pass') throw new Error(`Signatures: ${results.join()}\n${head}`);
}

async function confirm(debian: Debian, raw: string): Promise<void> {
  const [link] = /https:\/\/news\.example\.com\/confirm\/[\w.~-]+/.exec(raw.replaceAll('=\r\n', '')) ?? [];
  const { status, output } = await debian.run(
    `curl --silent --show-error --fail --location --data '' ${link}`,
  );
  if (link === undefined || status !== 0) throw new Error(`Not confirmed: ${link} ${output}`);
  say('    confirmed over https');
}

async function checkUpgrade(debian: Debian): Promise<void> {
  const version = upgrade.join('\n').match(/paperround-([\d.]+)\.tgz/)?.[1];
  const { output } = await debian.run(
    `cd /; grep '"version"' /usr/local/lib/node_modules/paperround/package.json; systemctl is-active paperround-web paperround-worker;
     curl --silent --fail --output /dev/null --write-out '%{http_code}' https://news.example.com/harbour;
     runuser -u paperround -- psql --tuples-only --no-align --command "select status from subscriptions" paperround`,
  );
  const expected = [`  "version": "${version}",`, 'active', 'active', '200confirmed', ''].join('\n');
  if (output !== expected) throw new Error(`After the upgrade:\n${output}`);
  say('    upgraded: the new version runs, and the reader is still there');
}
