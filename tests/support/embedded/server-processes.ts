import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import pg from 'pg';
import { startServers, type EmbeddedServers } from '../../../src/platform/embedded/servers.js';
import { fastFolder } from '../fast-folder.js';

type Ready = EmbeddedServers & { uid: number };
type Options = { dataDir: string; searchPath?: string; ephemeral?: boolean; inbox?: boolean };

export type ServersProcess = {
  child: ChildProcess;
  lines: { event: string; [name: string]: unknown }[];
  ready: Promise<Ready>;
  waitForEvent(event: string): Promise<void>;
};

const root = join(import.meta.dirname, '../../..');

/** Starts the servers in a process of their own, with a process group of its own. */
export function startServersProcess(
  options: Options,
  user: { uid?: number; gid?: number } = {},
): ServersProcess {
  const script = join(import.meta.dirname, 'servers-child.ts');
  const child = spawn(
    process.execPath,
    ['--import', 'tsx', script, JSON.stringify({ searchPath: '', ephemeral: true, ...options })],
    {
      ...user,
      cwd: root,
      detached: true,
      stdio: ['ignore', 'pipe', 'inherit'],
      env: { PATH: process.env['PATH'] },
    },
  );
  const lines: ServersProcess['lines'] = [];
  const reader = createInterface({ input: child.stdout });
  reader.on('line', (line) => lines.push(JSON.parse(line) as ServersProcess['lines'][number]));
  const ended = once(child, 'close').then(() => {
    throw new Error(`the host ended: ${JSON.stringify(lines)}`);
  });
  ended.catch(() => {}); // most processes end when the test stops them
  const heard = async (event: string) => {
    while (!lines.some((line) => line.event === event)) await Promise.race([once(reader, 'line'), ended]);
  };
  const ready = heard('ready').then(() => lines.find((line) => line.event === 'ready') as unknown as Ready);
  ready.catch(() => {}); // a test that kills the process does not wait for it
  return { child, lines, ready, waitForEvent: heard };
}

/** Sends the process a signal, and waits for its end. */
export async function stopServersProcess(
  { child }: ServersProcess,
  signal: NodeJS.Signals = 'SIGTERM',
): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exit = once(child, 'exit');
  child.kill(signal);
  await exit;
}

/** Starts the servers in this process: only Postgres unless told otherwise. `said`: what was reported; `deaths`: crashes. */
export async function startServersInProcess(
  options: Options & { postgres?: boolean; redis?: boolean },
): Promise<EmbeddedServers & { said: string[]; deaths: string[] }> {
  const [said, deaths]: [string[], string[]] = [[], []];
  const servers = await startServers({
    postgres: true,
    redis: false,
    inbox: false,
    ephemeral: false,
    searchPath: '',
    ...options,
    report: (line) => said.push(line),
    onServerExit: (sentence) => deaths.push(sentence),
  });
  return Object.assign(servers, { said, deaths });
}

/** A fresh directory to be the data directory, or to hold it. */
export function createTempDirectory(): string {
  return mkdtempSync(join(fastFolder(), 'paperround-embedded-'));
}

/** The rows of one statement, over a connection of its own. */
export async function query(url: string | undefined, text: string): Promise<Record<string, unknown>[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query<Record<string, unknown>>(text)).rows;
  } finally {
    await client.end();
  }
}

/** The process of the Postgres of a data directory. */
export function postgresPid(dataDir: string): number {
  return Number.parseInt(readFileSync(join(dataDir, 'postgres/postmaster.pid'), 'utf8'), 10);
}
