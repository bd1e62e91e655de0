import { takeDoor, type Door } from '../http/door.js';
import type { Config } from '../platform/config.js';
import { migrate } from '../platform/db/migrate.js';
import type { EmbeddedServers } from '../platform/embedded/servers.js';
import { connectQueue } from '../platform/jobs/queue.js';
import { createLog } from '../platform/log.js';
import { openContext } from '../platform/open-context.js';
import { greet, type Roles } from './greet.js';
import { Refusal } from './refusal.js';
import { logFileOf, needsNone, serversFor, urlsOf } from './servers.js';
import { staysHere } from './stays-here.js';
import { stopOnSignals } from './shutdown.js';
import { tell } from './tell.js';

type Stop = () => Promise<unknown>;

const say = (line: string) => void process.stdout.write(`${line}\n`);

/**
 * Runs the web process, the worker, or both, with whatever servers the settings leave to us, until it is told to stop. Each
 * loads only its own part of the code: there may be many workers on a machine.
 */
export async function start(config: Config, roles: Roles): Promise<void> {
  const stops: Stop[] = [];
  const stopping = new AbortController();
  const exit = stopOnSignals(async () => {
    stopping.abort();
    for (const stop of stops.toReversed()) await stop();
  });
  try {
    await startAll(config, roles, stopping.signal, stops, exit);
  } catch (error) {
    for (const stop of stops.toReversed()) await stop();
    throw error;
  }
}

async function startAll(
  config: Config,
  roles: Roles,
  stopping: AbortSignal,
  stops: Stop[],
  exit: (exitCode: number) => void,
): Promise<void> {
  const servers = await startEmbedded(config, roles, exit);
  if (servers !== undefined) stops.push(servers.stop);
  const door = roles.web ? await takeDoorOrRefuse(config) : undefined;
  if (door !== undefined) stops.push(door.close);
  const urls = urlsOf(config, servers);
  await migrate(urls.databaseUrl);

  const publicUrl = config.publicUrl ?? servers?.publicUrl ?? `http://localhost:${door?.port ?? config.port}`;
  const log = config.production
    ? createLog(config.logLevel)
    : createLog(config.logLevel, { file: logFileOf(config), onEvent: tell(say) });
  const { context, keys, close } = await openContext(config, { ...urls, publicUrl, log, stopping });
  stops.push(close);
  const queue = await connectQueue({ redisUrl: urls.redisUrl, databaseUrl: urls.databaseUrl, log });
  stops.push(() => queue.close());

  if (roles.demo && staysHere(config)) {
    const { prepareDemo } = await import('./demo.js');
    await prepareDemo(context);
  }
  if (door !== undefined) {
    const { openSite } = await import('./open-site.js');
    openSite(door, context, keys, () => queue.ping());
    servers?.announce(publicUrl);
  }
  if (roles.worker) {
    const { runWorker } = await import('../../workers/main.js');
    const worker = runWorker(context, queue);
    stops.push(() => worker.stop());
  }
  // Once more, so that it is the first to close: nobody comes in while the rest stops.
  if (door !== undefined) stops.push(door.close);
  await greet(context, config, { servers, door, backend: queue.backend, roles });
}

async function startEmbedded(
  config: Config,
  roles: Roles,
  exit: (exitCode: number) => void,
): Promise<EmbeddedServers | undefined> {
  if (needsNone(config)) return undefined;
  const onDeath = (sentence: string) => {
    process.stderr.write(`${sentence}\n`);
    exit(1);
  };
  const servers = await serversFor(config, { say, onDeath });
  if (servers.owner || !(roles.web && roles.worker)) return servers;
  const where = servers.publicUrl === undefined ? '' : ` at ${servers.publicUrl}`;
  throw new Refusal(
    `Paperround already runs with ${config.dataDir}${where} (process ${servers.ownerPid}). Nothing was started. ` +
      'Stop that one first, or set DATA_DIR to another folder.',
  );
}

async function takeDoorOrRefuse(config: Config): Promise<Door> {
  try {
    return await takeDoor(config);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw error;
    throw new Refusal(
      `Port ${config.port} is taken by another program. Nothing was started. Set PORT to a free one.`,
    );
  }
}
