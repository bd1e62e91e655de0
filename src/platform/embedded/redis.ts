import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { chown, mkdir, realpath } from 'node:fs/promises';
import { connect } from 'node:net';
import { delimiter, join } from 'node:path';
import { writeFileAtomically } from '../process/write-file.js';
import { stopStaleServer } from './stale-server.js';
import { launchOnFreePort } from './launch-on-free-port.js';
import { logFilePath } from './log-files.js';
import { launchServer, runCommand, waitUntil, type ServerProcess } from './processes.js';
import type { ServerSetup } from './setup.js';

/**
 * Starts a private Redis or Valkey, of version 6.2 or newer, found on PATH. Undefined when there is none, or when it does not
 * start, which is reported: the queue then runs on Postgres.
 */
export async function startRedis(
  setup: ServerSetup,
): Promise<{ server: ServerProcess; url: string } | undefined> {
  const program = await findRedis(setup);
  if (program === undefined) return undefined;
  const directory = await prepareDirectory(setup);
  const pidFile = join(directory, 'redis.pid');
  await stopStaleServer({ directory, pidFile, program: /redis|valkey/, stopSignal: 'SIGTERM' });
  const password = ensurePassword(setup);
  const launched = await launchOnFreePort({
    name: 'redis',
    settings: setup.settings,
    launch: (port) => {
      const server = launchRedis(setup, program, directory, { port, password });
      if (server.pid !== undefined) writeFileAtomically(pidFile, String(server.pid));
      return server;
    },
    waitUntilReady: (server, port) => waitUntilReady(server, port, password),
  });
  if (launched !== undefined)
    return { server: launched.server, url: `redis://:${password}@127.0.0.1:${launched.port}` };
  const log = logFilePath(setup.dataDir, 'redis');
  setup.report(`${program} did not start, so the queue runs on Postgres. ${log} says why`);
  return undefined;
}

async function findRedis({ searchPath, runAs }: ServerSetup): Promise<string | undefined> {
  const folders = searchPath.split(delimiter).filter((folder) => folder !== '');
  const programs = ['valkey-server', 'redis-server'].flatMap((name) =>
    folders.map((folder) => join(folder, name)),
  );
  for (const program of new Set(programs.filter((file) => existsSync(file)))) {
    const { code, output } = await runCommand(program, ['--version'], { runAs, searchPath });
    const [, major = '0', minor = '0'] = / v=(\d+)\.(\d+)/.exec(output) ?? [];
    if (code === 0 && Number(major) * 100 + Number(minor) >= 602) return program;
  }
  return undefined;
}

async function prepareDirectory({ dataDir, runAs }: ServerSetup): Promise<string> {
  const directory = join(dataDir, 'redis');
  await mkdir(directory, { recursive: true, mode: 0o700 });
  if (runAs !== undefined) await chown(directory, runAs.uid, runAs.gid);
  return realpath(directory);
}

/** The settings are passed by standard input, so that no process list shows the password. */
function launchRedis(
  setup: ServerSetup,
  program: string,
  directory: string,
  { port, password }: { port: number; password: string },
): ServerProcess {
  const settings = [
    `port ${port}`,
    'bind 127.0.0.1',
    `requirepass ${password}`,
    'daemonize no',
    'maxmemory-policy noeviction',
    `appendonly ${setup.ephemeral ? 'no' : 'yes'}`,
    'save ""',
  ];
  return launchServer(program, ['-'], {
    runAs: setup.runAs,
    cwd: directory,
    searchPath: setup.searchPath,
    input: `${settings.join('\n')}\n`,
    reaper: setup.reaper,
    logFile: logFilePath(setup.dataDir, 'redis'),
    stopSignal: 'SIGTERM',
  });
}

/** Waits until it answers PING, which it does once it has loaded its data. */
async function waitUntilReady(server: ServerProcess, port: number, password: string): Promise<boolean> {
  await waitUntil(60_000, async () => server.hasEnded() || (await pingRedis(port, password)));
  return !server.hasEnded() && (await pingRedis(port, password));
}

/** Sends inline commands (Redis serialization protocol), which need no client library. */
function pingRedis(port: number, password: string): Promise<boolean> {
  return new Promise((resolve) => {
    let reply = '';
    const socket = connect(port, '127.0.0.1', () => socket.write(`AUTH ${password}\r\nPING\r\nQUIT\r\n`));
    socket.setTimeout(2_000, () => socket.destroy());
    socket.on('data', (bytes) => (reply += bytes.toString('latin1')));
    socket.on('error', () => resolve(false));
    socket.on('close', () => resolve(reply.includes('+PONG')));
  });
}

function ensurePassword({ settings }: ServerSetup): string {
  const password = settings.password('redis') ?? randomBytes(18).toString('base64url');
  settings.storePassword('redis', password);
  return password;
}
