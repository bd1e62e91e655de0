import { execFileSync, spawn, type ChildProcess, type StdioOptions } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import {
  chmodSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
} from 'node:fs';
import type { Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { readPidIdentity } from '../../src/platform/process/identity.js';

/** What a `paperround` that runs on has said, and how to end it. */
export type RunningProcess = {
  pid: number;
  /** Standard output and standard error so far, as a terminal shows them. */
  output(): string;
  /** Waits until it has said this; fails when it ends before, or says nothing like it for so many ms. */
  waitForOutput(words: RegExp, timeout?: number): Promise<RegExpExecArray>;
  /** Waits for its end, after a signal if one is named. Answers the exit code; undefined when a signal ended it. */
  end(signal?: NodeJS.Signals): Promise<number | undefined>;
};

export type FinishedProcess = { code: number | null; stdout: string; stderr: string };

type Environment = Record<string, string>;

const root = join(import.meta.dirname, '../..');
const COMMAND_PATH = join(root, 'bin/paperround.js');
/** What the command runs once it has looked whether the checkout has changed: `compileFirst` has seen to that. */
const COMPILED_PATH = join(root, 'dist/src/cli.js');

const COMMAND_HOST_PATH = join(root, 'tests/support/command-host-child.js');

/** Starts `paperround start`, `web` or `worker` in a process of its own, with these settings and no others. */
export function startPaperround(words: string[], environment: Environment): RunningProcess {
  const child = launch(COMMAND_PATH, words, environment);
  const closed = once(child, 'close');
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', (text: string) => (output += text));
  return {
    pid: child.pid ?? Number.NaN,
    output: () => output,
    waitForOutput: (words, timeout = 60_000) => waitForText(child, () => output, words, timeout),
    end: async (signal) => {
      if (signal !== undefined && child.exitCode === null && child.signalCode === null) child.kill(signal);
      await closed;
      return child.exitCode ?? undefined;
    },
  };
}

/** Runs one command of the compiled checkout to its end. */
export function runPaperround(words: string[], environment: Environment): Promise<FinishedProcess> {
  return run(COMPILED_PATH, words, environment);
}

const idleHosts: ChildProcess[] = [];

/**
 * Like `runPaperround`, but in a process that stays for the next command, also of the next test: there are as many as were
 * ever asked at once, and they end with this one.
 */
export async function runInCommandHost(words: string[], environment: Environment): Promise<FinishedProcess> {
  const host = idleHosts.pop() ?? startCommandHost();
  const finished = await runIn(host, words, environment);
  if (host.connected) idleHosts.push(host);
  return finished;
}

function startCommandHost(): ChildProcess {
  const host = launch(COMMAND_HOST_PATH, [COMPILED_PATH], {}, ['ignore', 'pipe', 'pipe', 'ipc']);
  host.unref();
  host.channel?.unref();
  for (const stream of [host.stdout, host.stderr]) (stream as Socket | null)?.unref();
  return host;
}

/** What the process says up to its mark is the command's; the exit code stands behind the second one. */
function runIn(host: ChildProcess, words: string[], environment: Environment): Promise<FinishedProcess> {
  const mark = `\0${randomUUID()}\0`;
  let [stdout, stderr] = ['', ''];
  return new Promise((resolve) => {
    const finish = (code: number | null) => {
      host.off('close', finish);
      for (const stream of [host.stdout, host.stderr]) stream?.removeAllListeners('data');
      resolve({ code, stdout: stdout.replace(mark, ''), stderr: stderr.split(mark)[0] ?? '' });
    };
    const look = () => {
      const code = /^(\d+)\n/.exec(stderr.split(mark)[1] ?? '');
      if (code !== null && stdout.endsWith(mark)) finish(Number(code[1]));
    };
    host.on('close', finish);
    host.stdout?.on('data', (text: string) => {
      stdout += text;
      look();
    });
    host.stderr?.on('data', (text: string) => {
      stderr += text;
      look();
    });
    host.send({ words, environment: { PATH: process.env['PATH'], ...environment }, mark });
  });
}

/** Compiles the checkout if it has changed, and fails if it cannot be. */
export async function compileCheckout(): Promise<void> {
  const { code, stderr } = await run(COMMAND_PATH, ['--help'], {});
  if (code !== 0) throw new Error(stderr);
}

async function run(program: string, words: string[], environment: Environment): Promise<FinishedProcess> {
  const child = launch(program, words, environment);
  const finished: FinishedProcess = { code: null, stdout: '', stderr: '' };
  child.stdout?.on('data', (text: string) => (finished.stdout += text));
  child.stderr?.on('data', (text: string) => (finished.stderr += text));
  await once(child, 'close');
  return { ...finished, code: child.exitCode };
}

/** A folder of its own for DATA_DIR, `data` inside it; the process works in the folder itself, where no .env is. */
export function createTempHome(): { dataDir: string; remove(): void } {
  const home = mkdtempSync(join(realpathSync(tmpdir()), 'paperround-home-'));
  chmodSync(home, 0o755);
  return {
    dataDir: join(home, 'data'),
    remove: () => rmSync(home, { recursive: true, force: true, maxRetries: 5 }),
  };
}

/** A PATH with node on it and no Redis. */
export function pathWithoutRedis(home: string): string {
  symlinkSync(process.execPath, join(home, 'node'));
  return home;
}

/** A process and all it has started, as a function that answers which of them still live. */
export function trackProcessTree(pid: number): () => number[] {
  const members = [pid, ...listDescendants(pid)].map((member) => ({
    member,
    identity: readPidIdentity(member),
  }));
  return () =>
    members
      .filter(({ member, identity }) => identity !== undefined && readPidIdentity(member) === identity)
      .map(({ member }) => member);
}

function launch(
  program: string,
  words: string[],
  environment: Environment,
  stdio: StdioOptions = ['ignore', 'pipe', 'pipe'],
): ChildProcess {
  const child = spawn(process.execPath, [program, ...words], {
    cwd: tmpdir(),
    env: { PATH: process.env['PATH'], ...environment },
    stdio,
  });
  for (const stream of [child.stdout, child.stderr]) stream?.setEncoding('utf8');
  return child;
}

async function waitForText(
  child: ChildProcess,
  output: () => string,
  words: RegExp,
  timeout: number,
): Promise<RegExpExecArray> {
  const hasEnded = () => child.exitCode !== null || child.signalCode !== null;
  for (const end = Date.now() + timeout; Date.now() < end; await sleep(20)) {
    const found = words.exec(output());
    if (found !== null) return found;
    if (hasEnded()) break;
  }
  throw new Error(`It ${hasEnded() ? 'ended' : 'waited'} without saying ${words}:\n${output()}`);
}

function listDescendants(pid: number): number[] {
  const parents = process.platform === 'linux' ? parentsFromProc() : parentsFromPs();
  const below = (parent: number): number[] =>
    parents.flatMap(([child = 0, itsParent]) => (itsParent === parent ? [child, ...below(child)] : []));
  return below(pid);
}

/** Pairs of a process and its parent. */
function parentsFromProc(): number[][] {
  const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  return pids.map((pid) => [Number(pid), Number(/^PPid:\s*(\d+)/m.exec(statusOf(pid))?.[1])]);
}

function statusOf(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/status`, 'utf8');
  } catch {
    return ''; // it has ended meanwhile
  }
}

function parentsFromPs(): number[][] {
  const rows = execFileSync('ps', ['-A', '-o', 'pid=,ppid='], { encoding: 'utf8' }).trim().split('\n');
  return rows.map((row) => row.trim().split(/\s+/).map(Number));
}
