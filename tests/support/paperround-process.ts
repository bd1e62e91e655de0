import { spawn, type ChildProcess, type StdioOptions } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fastFolder } from './fast-folder.js';

/** A `paperround` that goes on running. */
export type RunningProcess = {
  pid: number;
  /** Standard output and standard error so far, as a terminal shows them. */
  output(): string;
  /** Waits for this in its output; fails when it ends before, or after `timeout` ms. */
  waitForOutput(words: RegExp, timeout?: number): Promise<RegExpExecArray>;
  /** Waits for its end, after a signal if one is named. Answers the exit code; undefined when a signal ended it. */
  end(signal?: NodeJS.Signals): Promise<number | undefined>;
};

export type FinishedProcess = { code: number | null; stdout: string; stderr: string };

export type Environment = Record<string, string>;

/** This checkout; or an installed release, for what has to be true of it too. */
const root = process.env['PAPERROUND_TEST_RELEASE'] ?? join(import.meta.dirname, '../..');
const COMMAND_PATH = join(root, 'bin/paperround.js');
/** What the command runs when it has made sure that the checkout is compiled; `compileCheckout` has to run before. */
export const COMPILED_PATH = join(root, 'dist/src/cli.js');

/** Starts `paperround start`, `web` or `worker` of the compiled checkout in a process of its own, with these settings and no others. */
export function startPaperround(words: string[], environment: Environment): RunningProcess {
  const child = launch(COMPILED_PATH, words, environment);
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

/** Compiles the checkout if it has changed, and fails if it cannot be. This help loads half of what that of all commands does. */
export async function compileCheckout(): Promise<void> {
  const { code, stderr } = await run(COMMAND_PATH, ['start', '--help'], {});
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
  const home = mkdtempSync(join(fastFolder(), 'paperround-home-'));
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

/** Starts a program with these variables and no others but PATH. */
export function launch(
  program: string,
  words: string[],
  environment: Environment,
  stdio: StdioOptions = ['ignore', 'pipe', 'pipe'],
): ChildProcess {
  const child = spawn(process.execPath, [program, ...words], {
    cwd: tmpdir(),
    // With `test` no .env of this checkout is read.
    env: { PATH: process.env['PATH'], NODE_ENV: 'test', ...environment },
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
