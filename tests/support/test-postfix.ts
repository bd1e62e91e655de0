import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findFreePort } from '../../src/platform/process/free-port.js';
import { waitUntil } from './wait-until.js';

const binary = '/usr/sbin/postfix';
/** Its programs, whose folder is compiled in. */
const daemons = '/usr/lib/postfix/sbin';

/** Why no Postfix can be run here; undefined: it can. It changes its user, and so has to be started by root. */
export const postfixMissing = !existsSync(binary)
  ? 'no Postfix is installed'
  : process.getuid?.() === 0
    ? undefined
    : 'Postfix has to be started by root';

export type TestPostfix = { port: number; log(): string; queue(): string; stop(): Promise<void> };

/**
 * A Postfix of its own in a folder of its own, on a port of 127.0.0.1, that hands everything to `relayPort` there. Mail that waits is
 * tried again each two seconds.
 * @param settings lines of main.cf beside what every instance needs
 */
export async function startPostfix(options: { relayPort: number; settings: string }): Promise<TestPostfix> {
  const folder = mkdtempSync(join(tmpdir(), 'paperround-postfix-'));
  chmodSync(folder, 0o755);
  const port = await findFreePort();
  for (const name of ['etc', 'queue', 'data', 'log']) mkdirSync(join(folder, name));
  spawnSync('chown', ['postfix', join(folder, 'data')]);
  writeFileSync(join(folder, 'etc/main.cf'), mainConfig(folder, options));
  writeFileSync(join(folder, 'etc/master.cf'), masterConfig(port));
  const made = spawnSync(binary, ['-c', join(folder, 'etc'), 'check'], { encoding: 'utf8' });
  if (made.status !== 0) throw new Error(`postfix check: ${made.stderr}`);
  const master = spawn(join(daemons, 'master'), ['-d', '-c', join(folder, 'etc')], { stdio: 'ignore' });
  const log = () => readIfThere(join(folder, 'log/mail.log'));
  await waitUntil(() => log().includes('daemon started') || master.exitCode !== null);
  if (master.exitCode !== null) throw new Error(`Postfix ended: ${log()}`);
  return {
    port,
    log,
    queue: () =>
      spawnSync('/usr/sbin/postqueue', ['-c', join(folder, 'etc'), '-p'], { encoding: 'utf8' }).stdout,
    stop: () => stopMaster(master, folder),
  };
}

async function stopMaster(master: ChildProcess, folder: string): Promise<void> {
  if (master.exitCode === null && master.signalCode === null) {
    const ended = once(master, 'exit');
    master.kill('SIGTERM');
    await ended;
  }
  rmSync(folder, { recursive: true, force: true });
}

function readIfThere(file: string): string {
  return existsSync(file) ? readFileSync(file, 'utf8') : '';
}

function mainConfig(
  folder: string,
  { relayPort, settings }: { relayPort: number; settings: string },
): string {
  return `
compatibility_level = 3.6
config_directory = ${folder}/etc
queue_directory = ${folder}/queue
data_directory = ${folder}/data
command_directory = /usr/sbin
daemon_directory = ${daemons}
maillog_file = ${folder}/log/mail.log
maillog_file_prefixes = ${folder}
myhostname = mx.relay.example
mydestination =
mynetworks = 127.0.0.0/8
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
# No name is looked up anywhere.
disable_dns_lookups = yes
smtp_host_lookup = native
smtp_dns_support_level = disabled
alias_maps =
local_recipient_maps =
relayhost = [127.0.0.1]:${relayPort}
minimal_backoff_time = 2s
maximal_backoff_time = 2s
queue_run_delay = 1s
smtp_connection_cache_on_demand = no
smtp_tls_security_level =
${settings}
`;
}

/** service, type, private, unprivileged, chroot, wakeup, processes, command: see master(5). */
function masterConfig(port: number): string {
  return `
127.0.0.1:${port} inet n - n - - smtpd
postlog unix-dgram n - n - 1 postlogd
pickup unix n - n 60 1 pickup
cleanup unix n - n - 0 cleanup
qmgr unix n - n 1 1 qmgr
tlsmgr unix - - n 1000? 1 tlsmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
verify unix - - n - 1 verify
flush unix n - n 1000? 0 flush
proxymap unix - - n - - proxymap
proxywrite unix - - n - 1 proxymap
smtp unix - - n - - smtp
relay unix - - n - - smtp
showq unix n - n - - showq
error unix - - n - - error
retry unix - - n - - error
virtual unix - n n - - virtual
anvil unix - - n - 1 anvil
scache unix - - n - 1 scache
`;
}
