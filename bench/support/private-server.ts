import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { startServers, type EmbeddedServers } from '../../src/platform/embedded/servers.js';

/** A Postgres or Redis of this run alone, which can be made to crash. */
export type PrivateServer = {
  readonly url: string;
  readonly pid: number;
  /**
   * Ends it by a signal and starts it again on the same port.
   * @param meanwhile done while it is down
   */
  crash(signal: NodeJS.Signals, meanwhile?: () => void): Promise<void>;
  stop(): Promise<void>;
};

type ServerKind = 'postgres' | 'redis';

const pidFiles = { postgres: 'postgres/postmaster.pid', redis: 'redis/redis.pid' };

/** Starts one with its data in `dataDir`. Undefined: no Redis on PATH. When it ends by itself, the benchmark ends. */
export async function startPrivateServer(
  kind: ServerKind,
  dataDir: string,
  say: (line: string) => void,
): Promise<PrivateServer | undefined> {
  mkdirSync(dataDir, { recursive: true });
  let isCrashing = false;
  const start = () => startEmbedded(kind, dataDir, say, () => isCrashing);
  let servers = await start();
  const urlNow = () => (kind === 'postgres' ? servers.databaseUrl : servers.redisUrl);
  const url = urlNow();
  if (url === undefined) return undefined;
  const pidNow = () => Number.parseInt(readFileSync(join(dataDir, pidFiles[kind]), 'utf8'), 10);
  return {
    url,
    get pid() {
      return pidNow();
    },
    crash: async (signal, meanwhile) => {
      isCrashing = true;
      process.kill(pidNow(), signal);
      await servers.stop(); // waits for its end
      meanwhile?.();
      servers = await start();
      isCrashing = false;
      if (urlNow() !== url) throw new Error(`Another program took the port of the private ${kind}.`);
    },
    stop: () => servers.stop(),
  };
}

function startEmbedded(
  kind: ServerKind,
  dataDir: string,
  say: (line: string) => void,
  isCrashing: () => boolean,
): Promise<EmbeddedServers> {
  return startServers({
    dataDir,
    postgres: kind === 'postgres',
    redis: kind === 'redis',
    inbox: false,
    searchPath: process.env['PATH'] ?? '',
    report: say,
    onServerExit: (sentence) => {
      if (isCrashing()) return;
      say(sentence);
      process.exit(1);
    },
  });
}
