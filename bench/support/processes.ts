import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, mkdirSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { BenchServers } from './servers.js';

const root = join(import.meta.dirname, '../..');

/** A running `paperround worker`. */
export type BenchProcess = {
  pid: number;
  /** The end of its log. */
  logTail(): string;
  hasEnded(): boolean;
  /** Sends a signal and waits for its end. Answers the exit code; undefined when a signal ended it. */
  stop(signal?: NodeJS.Signals): Promise<number | undefined>;
};

export type ProcessSettings = {
  database: string;
  smtpUrl: string;
  secretKey: string;
  /** Below the folder of this run. Two workers of one host may share it. */
  dataDir: string;
  /** More settings, or other ones. */
  environment?: Record<string, string>;
  /** Options of the command. */
  words?: string[];
};

/** Compiles the checkout when it has changed: workers are started from what that leaves. */
export function compileCheckout(): void {
  const { status, stderr } = spawnSync(process.execPath, [join(root, 'bin/paperround.js'), '--help'], {
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(stderr);
}

/** The environment of every Paperround process; without a Redis it runs as outside production, which needs one. */
function buildEnvironment(servers: BenchServers, settings: ProcessSettings): Record<string, string> {
  const redisUrl = servers.redis?.url;
  return {
    ...(redisUrl === undefined ? {} : { NODE_ENV: 'production', REDIS_URL: redisUrl }),
    DATABASE_URL: servers.urlOf(settings.database),
    SMTP_URL: settings.smtpUrl,
    SECRET_KEY: settings.secretKey,
    PUBLIC_URL: 'https://bench.example',
    DATA_DIR: join(servers.folder, settings.dataDir),
    WORKER_CONNECTIONS: '10',
    ...settings.environment,
  };
}

/** Starts a real worker process with the settings of production. */
export function startWorker(servers: BenchServers, settings: ProcessSettings): BenchProcess {
  return startProgram(servers, settings, 'worker');
}

/** The same for a web process; its PORT is in the environment. */
export function startWeb(servers: BenchServers, settings: ProcessSettings): BenchProcess {
  return startProgram(servers, settings, 'web');
}

/** Waits until a web process serves its pages. */
export async function waitForWeb(port: number, timeoutMs = 120_000): Promise<void> {
  for (const end = Date.now() + timeoutMs; Date.now() < end; await sleep(100)) {
    const answer = await fetch(`http://127.0.0.1:${port}/healthz`).catch(() => undefined);
    if (answer?.ok) return;
  }
  throw new Error(`The web process did not answer within ${timeoutMs / 1000} s.`);
}

function startProgram(
  servers: BenchServers,
  settings: ProcessSettings,
  program: 'web' | 'worker',
): BenchProcess {
  const environment = buildEnvironment(servers, settings);
  const { words = [] } = settings;
  const dataDir = environment['DATA_DIR'] ?? servers.folder;
  mkdirSync(dataDir, { recursive: true });
  const logFile = join(dataDir, `${program}.log`);
  const log = openSync(logFile, 'a');
  const child = spawn(process.execPath, [join(root, 'dist/src/cli.js'), program, ...words], {
    cwd: servers.folder,
    env: environment,
    stdio: ['ignore', log, log],
  });
  closeSync(log);
  killOnExit(child);
  const hasEnded = () => child.exitCode !== null || child.signalCode !== null;
  return {
    pid: child.pid ?? Number.NaN,
    logTail: () => readFileSync(logFile, 'utf8').slice(-2000),
    hasEnded,
    stop: async (signal = 'SIGTERM') => {
      const ended = hasEnded() ? undefined : once(child, 'exit');
      child.kill(signal);
      await ended;
      return child.exitCode ?? undefined;
    },
  };
}

/**
 * Runs one command to its end.
 * @returns what it printed to stdout
 * @throws when it fails
 */
export function runCommand(servers: BenchServers, settings: ProcessSettings, words: string[]): string {
  const command = spawnSync(process.execPath, [join(root, 'dist/src/cli.js'), ...words], {
    cwd: servers.folder,
    env: buildEnvironment(servers, settings),
    encoding: 'utf8',
  });
  if (command.status === 0) return command.stdout;
  throw new Error(`paperround ${words.join(' ')}: ${`${command.stdout}${command.stderr}`.trim()}`);
}

/** When this process ends half-way, what it started is killed too. */
export function killOnExit(child: {
  kill(signal: NodeJS.Signals): boolean;
  once(event: 'exit', listener: () => void): unknown;
}): void {
  const kill = () => void child.kill('SIGKILL');
  process.once('exit', kill);
  child.once('exit', () => process.off('exit', kill));
}
