import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { rootCertificates } from 'node:tls';
import { waitUntil } from '../support/wait-until.js';

export type CommandResult = { status: number | null; output: string };

export type Debian = {
  /** Where its files are, seen from outside. */
  root: string;
  /** Of its process 1, seen from outside. */
  pid: number;
  /** Runs a line of shell in it as root. `isOnline`: with this machine's network, where packages come from. */
  run(line: string, options?: { isOnline?: boolean }): Promise<CommandResult>;
  stop(): Promise<void>;
};

const ENVIRONMENT = [
  'PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
  'HOME=/root',
  'LANG=C.UTF-8',
];

/** What packages need besides a network: this machine's name servers, and the authorities that it trusts. */
const ONLINE = `mount --bind /run/outside/resolv.conf /etc/resolv.conf; export NODE_EXTRA_CA_CERTS=/run/outside/ca.pem`;

/**
 * Boots a bare Debian, with its systemd as process 1, in namespaces of its own. What debootstrap made is kept for the next time;
 * what happens in it is on an overlay, and gone with it.
 * @throws where this is not root, or not a Linux that allows it
 */
export async function bootDebian(suite: string): Promise<Debian> {
  const base = makeBase(suite);
  const folder = mkdtempSync(join(tmpdir(), 'paperround-debian-'));
  const [upper, work, root] = ['upper', 'work', 'root'].map((name) => join(folder, name)) as [
    string,
    string,
    string,
  ];
  for (const each of [upper, work, root]) mkdirSync(each);
  runHere('mount', [
    '-t',
    'overlay',
    'overlay',
    '-o',
    `lowerdir=${base},upperdir=${upper},workdir=${work}`,
    root,
  ]);
  writeFileSync(join(root, 'etc/resolv.conf'), 'nameserver 192.0.2.2\n');
  writeFileSync(join(root, 'etc/hostname'), 'news\n');
  const boot = spawn(join(import.meta.dirname, 'boot-debian.sh'), [root], { stdio: 'ignore' });
  const ended = once(boot, 'exit');
  const pid = await waitUntil(() => childOf(boot.pid));
  const inside = (line: string, isOnline: boolean) => {
    const spaces = ['--mount', '--uts', '--ipc', '--pid', '--cgroup', ...(isOnline ? [] : ['--net'])];
    const shell = isOnline
      ? ['unshare', '--mount', 'bash', '-c', `${ONLINE}; cd /root; ${line}`]
      : ['bash', '-c', `cd /root; ${line}`];
    return ['--target', `${pid}`, ...spaces, '--root', '--wd', 'env', '-i', ...ENVIRONMENT, ...shell];
  };
  const run: Debian['run'] = async (line, { isOnline = false } = {}) =>
    collect('nsenter', inside(line, isOnline));
  await waitUntil(
    async () => (await run('systemctl is-system-running --wait')).output.includes('running'),
    60_000,
  );
  const outside = `/proc/${pid}/root/run/outside`;
  mkdirSync(outside, { recursive: true });
  copyFileSync('/etc/resolv.conf', join(outside, 'resolv.conf'));
  copyAuthorities(join(outside, 'ca.pem'));
  return {
    root,
    pid,
    run,
    stop: async () => {
      boot.kill('SIGKILL'); // --kill-child ends its process 1, and that all others
      await ended;
      for (const hierarchy of ['', '/systemd', '/unified'])
        spawnSync('find', [
          `/sys/fs/cgroup${hierarchy}/paperround-install`,
          '-depth',
          '-type',
          'd',
          '-exec',
          'rmdir',
          '{}',
          ';',
        ]);
      runHere('umount', [root]);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function makeBase(suite: string): string {
  const cache = join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'paperround-debian');
  const base = join(cache, suite);
  if (existsSync(base)) return base;
  mkdirSync(cache, { recursive: true });
  const draft = `${base}.${process.pid}`;
  const include = 'ca-certificates,dbus,systemd-sysv';
  runHere('debootstrap', ['--variant=minbase', `--include=${include}`, suite, draft]);
  renameSync(draft, base);
  return base;
}

function copyAuthorities(file: string): void {
  const given = process.env['NODE_EXTRA_CA_CERTS'];
  if (given === undefined) writeFileSync(file, rootCertificates.join('\n'));
  else copyFileSync(given, file);
}

/** `unshare --fork` has one child: process 1 of what it made. */
function childOf(pid: number | undefined): number | undefined {
  const { stdout } = spawnSync('pgrep', ['--parent', `${pid}`, '--full', '/lib/systemd/systemd'], {
    encoding: 'utf8',
  });
  return stdout === '' ? undefined : Number(stdout);
}

export function runHere(program: string, args: string[]): void {
  const { status, stderr, error } = spawnSync(program, args, {
    encoding: 'utf8',
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  if (status !== 0) throw new Error(`${program} ${args.join(' ')}: ${error?.message ?? stderr}`);
}

async function collect(program: string, args: string[]): Promise<CommandResult> {
  const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (bytes: Buffer) => (output += bytes.toString()));
  await once(child, 'close');
  return { status: child.exitCode, output };
}
