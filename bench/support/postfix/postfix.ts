import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readlinkSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { findFreePort } from '../../../src/platform/process/free-port.js';
import { formatMainCf, formatMasterCf, type PostfixSettings } from './configuration.js';
import { startJournal } from './journal.js';

const DAEMONS = '/usr/lib/postfix/sbin';

/** A Postfix of our own, in folders of its own, that listens on loopback alone. */
export type Postfix = {
  port: number;
  /** smtp://127.0.0.1:… */
  url: string;
  /** Configuration, queue and logs lie below it. */
  folder: string;
  /** Where it logs: a file, or with `log: 'journal'` a folder that `journalctl --directory` reads. */
  log: string;
  /** The pid of master(8); undefined while it does not run. */
  masterPid(): number | undefined;
  /** The pids of its daemons of this name, such as `smtpd`, that run now. */
  daemons(name: string): number[];
  /** Starts it again after its master(8) has ended. */
  start(): Promise<void>;
  /** Moves the log file aside and goes on in a new one: postfix(1), logrotate. */
  rotateLog(): Promise<void>;
  /** Ends it and removes its folder. */
  stop(): Promise<void>;
};

/** Why no Postfix of our own can be started here; undefined when one can. */
export function whyNoPostfix(): string | undefined {
  if (process.getuid?.() !== 0) return 'Postfix only starts as root';
  if (!existsSync(`${DAEMONS}/master`)) return 'Postfix is not installed';
  return undefined;
}

/** Starts one; see `PostfixSettings` for what may differ. */
export async function startPostfix(settings: PostfixSettings): Promise<Postfix> {
  const folder = mkdtempSync(join(tmpdir(), 'paperround-postfix-'));
  chmodSync(folder, 0o755); // its daemons run as another user
  const port = settings.port ?? (await findFreePort());
  const at = (name: string) => join(folder, name);
  for (const name of ['etc', 'queue', 'data', 'journal']) mkdirSync(at(name));
  spawnSync('chown', ['postfix', at('data')]);
  const { queueMegabytes } = settings;
  if (queueMegabytes !== undefined)
    spawnSync('mount', ['-t', 'tmpfs', '-o', `size=${queueMegabytes}m,mode=755`, 'tmpfs', at('queue')]);
  const logFile = settings.log === 'journal' ? undefined : at('mail.log');
  writeFileSync(at('etc/main.cf'), formatMainCf({ ...settings, folder, logFile }));
  writeFileSync(at('etc/master.cf'), formatMasterCf(port, settings));
  const journal = logFile === undefined ? await startJournal(at('journal')) : undefined;
  const masterPid = () => readMasterPid(at('queue'));
  const killAll = () => {
    for (const pid of [masterPid(), journal?.pid]) if (pid !== undefined) process.kill(pid, 'SIGKILL');
  };
  process.once('exit', killAll);
  const control = (verb: string, codes = [0]) =>
    runInside(journal?.pid, ['postfix', '-c', at('etc'), verb], codes);
  const start = async () => {
    await control('start');
    await waitForGreeting(port);
  };
  await start();
  return {
    port,
    url: `smtp://127.0.0.1:${port}`,
    folder,
    log: logFile ?? at('journal/run/log/journal'),
    masterPid,
    daemons: (name) => listDaemons(at('queue'), name),
    start,
    rotateLog: () => control('logrotate'),
    stop: async () => {
      if (masterPid() !== undefined) await control('stop', [0, 1]);
      await journal?.stop();
      process.off('exit', killAll);
      if (queueMegabytes !== undefined) spawnSync('umount', ['--lazy', at('queue')]);
      rmSync(folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
    },
  };
}

/** Runs a program, where the journal's /dev/log is if there is one. */
async function runInside(
  journalPid: number | undefined,
  words: string[],
  codes: readonly number[],
): Promise<void> {
  const inside = journalPid === undefined ? [] : ['nsenter', '--mount', `--target=${journalPid}`];
  const [program = '', ...rest] = [...inside, ...words];
  // It leaves daemons behind, which would keep a pipe open.
  const child = spawn(program, rest, { stdio: 'ignore' });
  const [code] = (await once(child, 'exit')) as [number | null];
  if (code === null || !codes.includes(code)) throw new Error(`${words.join(' ')} ended with ${code}.`);
}

/** Undefined while no master(8) has this queue. */
function readMasterPid(queue: string): number | undefined {
  const file = join(queue, 'pid/master.pid');
  const pid = existsSync(file) ? Number(readFileSync(file, 'utf8')) : Number.NaN;
  return pid > 0 && workingFolder(pid) === queue ? pid : undefined;
}

/** Whether it answers. Its first start takes some seconds: it makes the folders of its queue. */
async function waitForGreeting(port: number): Promise<void> {
  for (const end = Date.now() + 30_000; Date.now() < end; await sleep(50)) {
    if (await hasGreeting(port)) return;
  }
  throw new Error('Postfix did not answer within 30 seconds.');
}

function hasGreeting(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    const end = (answer: boolean) => (socket.destroy(), resolve(answer));
    socket.setTimeout(5_000, () => end(false));
    socket.once('error', () => end(false)).once('close', () => end(false));
    socket.once('data', (bytes) => {
      socket.write('QUIT\r\n');
      end(bytes.toString().startsWith('220'));
    });
  });
}

/** Its daemons work in its queue's folder. */
function listDaemons(queue: string, name: string): number[] {
  const { stdout } = spawnSync('pgrep', ['--exact', name], { encoding: 'utf8' });
  return stdout
    .split('\n')
    .filter(Boolean)
    .map(Number)
    .filter((pid) => workingFolder(pid) === queue);
}

function workingFolder(pid: number): string | undefined {
  try {
    return readlinkSync(`/proc/${pid}/cwd`);
  } catch {
    return undefined; // it has ended
  }
}
