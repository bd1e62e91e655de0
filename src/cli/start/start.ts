import { requireWritableJournals } from '../../deliveries/batches/journal.js';
import { reportUnreadableLogs } from '../../deliveries/reconcile/report-unreadable-logs.js';
import { closeFormerServers } from '../../transports/circuits/close-circuit.js';
import type { Config } from '../../platform/config.js';
import { migrate } from '../../platform/db/migrate.js';
import type { EmbeddedServers } from '../../platform/embedded/servers.js';
import { connectQueue } from '../../platform/jobs/connect-queue.js';
import { createLog } from '../../platform/log.js';
import { createRestoreCheck } from '../../platform/restore/restore-check.js';
import { openContext } from '../../platform/open-context.js';
import { reportPublicationZones } from '../../publications/report-publication-zones.js';
import { printStartupBanner, type Roles } from './startup-banner.js';
import { CliError } from '../cli-error.js';
import { logFileOf, needsNoServers, startProcessServers, urlsOf, withSettingsOf } from '../servers.js';
import { announce } from './announce.js';
import { startHeartbeat } from './heartbeat.js';
import { isLocalOnly } from './is-local-only.js';
import { listenForMailOrExplain, openServerOrExplain } from './listen.js';
import { stopOnSignals } from './shutdown.js';
import { startNotifying } from './notify-systemd.js';
import { createEventPrinter } from './terminal-events.js';
import { watchClockAndCopies } from './watch-clock-and-copies.js';

/**
 * `afterRestore`: an operator says that the database was restored from an older copy. `heartbeat`: a file for a health
 * check.
 */
export type StartOptions = {
  afterRestore?: boolean | undefined;
  heartbeat?: string | undefined;
  /** One line of JSON on standard output when all runs; sentences go to standard error. */
  json?: boolean | undefined;
};

const QUEUE_TAKES_NOTHING = 'The queue takes no jobs, and until it does no mail is sent:';

type Stop = () => Promise<unknown>;

const linePrinter =
  ({ json }: StartOptions) =>
  (line: string) =>
    void (json === true ? process.stderr : process.stdout).write(`${line}\n`);

/**
 * Runs the web process, the worker, or both, with the servers that the settings do not name, until a signal stops it. Each
 * loads only its own part of the code, to save memory where many workers run on a machine.
 */
export async function start(config: Config, roles: Roles, options: StartOptions = {}): Promise<void> {
  const stops: Stop[] = [];
  const stopping = new AbortController();
  const exit = stopOnSignals(config, async () => {
    stopping.abort();
    for (const stop of stops.toReversed()) await stop();
  });
  try {
    await startAll(config, { ...roles, ...options }, stopping.signal, stops, exit);
  } catch (error) {
    for (const stop of stops.toReversed()) await stop();
    throw error;
  }
}

async function startAll(
  given: Config,
  roles: Roles & StartOptions,
  stopping: AbortSignal,
  stops: Stop[],
  exit: (exitCode: number) => void,
): Promise<void> {
  if (roles.worker) requireWritableJournals(given.dataDir);
  const servers = await startEmbedded(given, roles, exit);
  if (servers !== undefined) stops.push(servers.stop);
  const config = withSettingsOf(given, servers?.settings);
  const httpServer = roles.web ? await openServerOrExplain(config) : undefined;
  if (httpServer !== undefined) stops.push(httpServer.close);
  const urls = urlsOf(config, servers);
  await migrate(urls.databaseUrl, (line) => process.stderr.write(`${line}\n`));

  const publicUrl =
    config.publicUrl ?? servers?.publicUrl ?? `http://localhost:${httpServer?.port ?? config.port}`;
  const log = config.production
    ? createLog(config.logLevel)
    : createLog(config.logLevel, {
        file: logFileOf(config),
        onEvent: createEventPrinter(linePrinter(roles)),
      });
  process.removeAllListeners('uncaughtException').on('uncaughtException', (error) => {
    // Node would print all that is in it, the values of a row among it.
    log.fatal({ event: 'process.failed', err: error });
    process.stderr.write('Paperround failed, and stops. The log says why.\n');
    process.exit(1);
  });
  const actor = { kind: 'system' } as const;
  const { context, keys, close } = await openContext(config, { ...urls, publicUrl, log, stopping, actor });
  stops.push(close);
  await reportPublicationZones(context);
  const queue = await connectQueue({ redisUrl: urls.redisUrl, databaseUrl: urls.databaseUrl, log });
  stops.push(() => queue.close());
  const queueFault = await queue.findFault();
  if (queueFault !== undefined) process.stderr.write(`${QUEUE_TAKES_NOTHING} ${queueFault}\n`);
  const restore = createRestoreCheck({ ...context, dataDir: config.dataDir, elsewhere: queue.counters });
  stops.push(await watchClockAndCopies(context, restore));
  if (roles.afterRestore === true) await restore.hold();

  if (roles.demo && isLocalOnly(config)) {
    const { prepareDemo } = await import('./demo.js');
    await prepareDemo(context);
  }
  if (httpServer !== undefined) {
    const { serveWebsite } = await import('./serve-website.js');
    serveWebsite(httpServer, context, keys, () => queue.findFault());
    servers?.publishUrl(publicUrl);
    const listener = await listenForMailOrExplain(context);
    if (listener !== undefined) stops.push(listener.stop);
  }
  if (servers === undefined) stops.push(announce(config, publicUrl));
  if (roles.worker) {
    const { runWorker } = await import('../../../workers/main.js');
    await reportUnreadableLogs(context);
    await closeFormerServers(context.db, context.mailer.transports, context.now());
    const worker = runWorker(context, queue, restore);
    stops.push(() => worker.stop());
    if (roles.heartbeat !== undefined) stops.push(startHeartbeat(roles.heartbeat, log));
  }
  // Added a second time, at the end, so that it is closed first: no request comes in while the rest stops.
  if (httpServer !== undefined) stops.push(httpServer.close);
  if (config.systemd !== undefined) stops.push(startNotifying(config.systemd, log));
  await printStartupBanner(context, config, {
    servers,
    httpServer,
    backend: queue.backend,
    roles,
    json: roles.json === true,
  });
}

async function startEmbedded(
  config: Config,
  roles: Roles & StartOptions,
  exit: (exitCode: number) => void,
): Promise<EmbeddedServers | undefined> {
  if (needsNoServers(config)) return undefined;
  const onServerExit = (sentence: string) => {
    process.stderr.write(`${sentence}\n`);
    exit(1);
  };
  const servers = await startProcessServers(config, { report: linePrinter(roles), onServerExit });
  if (servers.isOwner || !(roles.web && roles.worker)) return servers;
  const where = servers.publicUrl === undefined ? '' : ` at ${servers.publicUrl}`;
  throw new CliError(
    `Paperround already runs with ${config.dataDir}${where} (process ${servers.ownerPid}). Nothing was started. ` +
      'Stop that one first, or set DATA_DIR to another folder.',
  );
}
