import { join } from 'node:path';
import type { Config } from '../platform/config.js';
import { migrate } from '../platform/db/migrate.js';
import type { OwnerState, StartSettings } from '../platform/embedded/data-dir-lock.js';
import type { EmbeddedServers } from '../platform/embedded/servers.js';
import { createLog } from '../platform/log.js';
import { openContext, type OpenContext } from '../platform/open-context.js';
import { CliError } from './cli-error.js';

/** Starts the servers that the settings do not name, or finds them running. In production every server has to be named. */
export async function startProcessServers(
  config: Config,
  terminal: { report: (line: string) => void; onServerExit: (sentence: string) => void },
): Promise<EmbeddedServers> {
  const { startServers } = await import('../platform/embedded/servers.js');
  const settings = settingsOf(config);
  return startServers({
    ...serverOptions(config),
    redis: config.redisUrl === undefined,
    settings,
    ...terminal,
  });
}

/** Whether there is nothing for us to start. */
export function needsNoServers({ databaseUrl, redisUrl, smtpUrl, production }: Config): boolean {
  return production || (databaseUrl !== undefined && redisUrl !== undefined && smtpUrl !== undefined);
}

/** What commands in other shells are told. */
export function settingsOf({
  production,
  databaseUrl,
  redisUrl,
  smtpUrl,
  secretKeys,
}: Config): StartSettings {
  return { production, databaseUrl, redisUrl, smtpUrl, secretKeys };
}

/** With what a running start has from its settings where this shell has none. */
export function withSettingsOf(config: Config, settings: StartSettings | undefined): Config {
  if (settings === undefined) return config;
  return {
    ...config,
    databaseUrl: config.databaseUrl ?? settings.databaseUrl,
    redisUrl: config.redisUrl ?? settings.redisUrl,
    smtpUrl: config.smtpUrl ?? settings.smtpUrl,
    secretKeys: config.secretKeys.length > 0 ? config.secretKeys : (settings.secretKeys ?? []),
  };
}

/** The URLs of all servers: from the settings, or of those that were started. */
export function urlsOf(config: Config, servers: EmbeddedServers | undefined) {
  const databaseUrl = config.databaseUrl ?? servers?.databaseUrl;
  const smtpUrl = config.smtpUrl ?? servers?.smtpUrl;
  if (databaseUrl === undefined || smtpUrl === undefined) {
    throw new CliError('There is no database or mail server to use. Set DATABASE_URL and SMTP_URL.');
  }
  return { databaseUrl, smtpUrl, redisUrl: config.redisUrl ?? servers?.redisUrl };
}

function serverOptions({ dataDir, databaseUrl, smtpUrl, searchPath }: Config) {
  return { dataDir, postgres: databaseUrl === undefined, inbox: smtpUrl === undefined, searchPath };
}

/**
 * Runs one command against the servers of a running `npm start` with the same data directory, or else against its own, which
 * it stops afterwards.
 */
export async function withContext<Result>(
  given: Config,
  work: (open: OpenContext['context']) => Promise<Result>,
): Promise<Result> {
  const { config, servers } = await findCommandServers(given);
  try {
    const urls = urlsOf(config, servers);
    await migrate(urls.databaseUrl, (line) => process.stderr.write(`${line}\n`));
    const publicUrl = config.publicUrl ?? servers?.publicUrl ?? `http://localhost:${config.port}`;
    const log = createLog(config.logLevel, { file: logFileOf(config) });
    const stopping = new AbortController().signal;
    const actor = { kind: 'command-line' } as const;
    const open = await openContext(config, { ...urls, publicUrl, log, stopping, actor });
    try {
      return await work(open.context);
    } finally {
      await open.close();
    }
  } finally {
    await servers?.stop();
  }
}

export function logFileOf(config: Config): string {
  return join(config.dataDir, 'log', 'paperround.log');
}

/**
 * The servers for one command: those that the settings name, those of a running start whatever this shell knows of them, or
 * else its own. In production every server has to be named.
 */
export async function findCommandServers(
  given: Config,
): Promise<{ config: Config; servers: EmbeddedServers | undefined }> {
  if (given.production) return { config: given, servers: undefined };
  const { findRunningStart } = await import('../platform/embedded/data-dir-lock.js');
  const running = findRunningStart(given.dataDir);
  warnOfOtherDatabase(given, running);
  const publicUrl = given.publicUrl ?? running?.publicUrl;
  const config = { ...withSettingsOf(given, running?.settings), publicUrl };
  if (config.databaseUrl !== undefined && config.smtpUrl !== undefined) return { config, servers: undefined };
  const servers = await startCommandServers(config);
  return { config: withSettingsOf(config, servers.settings), servers };
}

function warnOfOtherDatabase({ databaseUrl }: Config, running: OwnerState | undefined): void {
  const theirs = running?.settings?.databaseUrl ?? running?.databaseUrl;
  if (databaseUrl === undefined || theirs === undefined || databaseUrl === theirs) return;
  process.stderr.write(
    `DATABASE_URL is another database than that of the running Paperround (process ${running?.pid}); this command uses DATABASE_URL.\n`,
  );
}

/**
 * Servers for one command. It enqueues jobs in the outbox only, so it needs no Redis; no other process may use its
 * servers.
 */
async function startCommandServers(config: Config): Promise<EmbeddedServers> {
  const { startServers } = await import('../platform/embedded/servers.js');
  return startServers({
    ...serverOptions(config),
    redis: false,
    isExclusive: true,
    report: (line) => process.stderr.write(`${line}\n`),
    onServerExit: (sentence) => {
      process.stderr.write(`${sentence}\n`);
      process.exit(1);
    },
  });
}
