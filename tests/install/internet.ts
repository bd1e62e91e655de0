import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, existsSync, mkdirSync, readlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { waitUntil } from '../support/wait-until.js';
import { runHere, type Debian } from './debian.js';
import type { FromInternet, FromParent } from './internet-child.js';

export type Internet = {
  /** Adds a TXT record. */
  publish(name: string, strings: string[]): void;
  /** What its mail server took, in order. */
  mails: string[];
  /** Starts the authority from which the web server gets its certificate, once that web server is installed. */
  startAuthority(): Promise<void>;
  stop(): Promise<void>;
};

/** At the address of Let's Encrypt's directory, which Caddy asks first. */
const AUTHORITY = `{
  admin off
  storage file_system /var/lib/authority
}
https://acme-v02.api.letsencrypt.org {
  tls internal
  rewrite /directory /acme/local/directory
  acme_server
}
`;

/**
 * Another network namespace, joined to Debian's by a cable, that plays the internet: the names of the world, the mail server of
 * readers, and an authority for certificates. Debian is 192.0.2.1 and this 192.0.2.2 (RFC 5737).
 */
export async function startInternet(debian: Debian): Promise<Internet> {
  const script = join(import.meta.dirname, 'internet-child.ts');
  const child = spawn('unshare', ['--net', process.execPath, '--import', 'tsx', script], {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  const mails: string[] = [];
  let isReady = false;
  child.on('message', (message: FromInternet) => {
    if (message.kind === 'ready') isReady = true;
    else mails.push(message.raw);
  });
  const netns = (pid: number | string) => readlinkSync(`/proc/${pid}/ns/net`);
  await waitUntil(() => netns(child.pid ?? 'self') !== netns('self'));
  connect(debian.pid, child.pid ?? 0);
  child.send({ kind: 'start' });
  await waitUntil(() => isReady);
  const stops: (() => Promise<void>)[] = [async () => child.disconnect()];
  return {
    mails,
    publish: (name, strings) => child.send({ kind: 'publish', name, strings } satisfies FromParent),
    startAuthority: async () => void stops.push(await startAuthority(debian, child.pid ?? 0)),
    stop: async () => {
      for (const stop of stops) await stop();
    },
  };
}

function connect(one: number, other: number): void {
  runHere('ip', [
    'link',
    'add',
    'eth0',
    'netns',
    `${one}`,
    'type',
    'veth',
    'peer',
    'name',
    'eth0',
    'netns',
    `${other}`,
  ]);
  for (const [pid, address] of [
    [one, '192.0.2.1/24'],
    [other, '192.0.2.2/24'],
  ]) {
    const ip = (...args: string[]) => runHere('nsenter', ['--target', `${pid}`, '--net', 'ip', ...args]);
    ip('address', 'add', `${address}`, 'dev', 'eth0');
    ip('link', 'set', 'eth0', 'up');
    ip('link', 'set', 'lo', 'up');
  }
}

/** Runs Debian's own Caddy as the authority, outside of Debian; its root certificate becomes one that Debian trusts. */
async function startAuthority(debian: Debian, netns: number): Promise<() => Promise<void>> {
  mkdirSync(join(debian.root, 'var/lib/authority'), { recursive: true });
  writeFileSync(join(debian.root, 'var/lib/authority/Caddyfile'), AUTHORITY);
  const caddy = ['caddy', 'run', '--adapter', 'caddyfile', '--config', '/var/lib/authority/Caddyfile'];
  const child = spawn('nsenter', ['--target', `${netns}`, '--net', 'chroot', debian.root, ...caddy], {
    stdio: 'ignore',
  });
  const ended = once(child, 'exit');
  const certificate = join(debian.root, 'var/lib/authority/pki/authorities/local/root.crt');
  await waitUntil(() => existsSync(certificate));
  cpSync(certificate, join(debian.root, 'usr/local/share/ca-certificates/authority.crt'));
  await debian.run('update-ca-certificates');
  return async () => {
    child.kill('SIGKILL');
    await ended;
  };
}
