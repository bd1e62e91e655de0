import type { HttpServer } from '../../http/server.js';
import { createDefaultEntryLink } from '../../operators/entry-link.js';
import { listOperators } from '../../operators/reads.js';
import type { Config } from '../../platform/config.js';
import type { Context } from '../../platform/context.js';
import type { EmbeddedServers } from '../../platform/embedded/servers.js';
import { isLocalOnly } from './is-local-only.js';

export type Roles = { web: boolean; worker: boolean; demo: boolean };

const printLine = (line: string) => void process.stdout.write(`${line}\n`);

type Running = {
  servers: EmbeddedServers | undefined;
  httpServer: HttpServer | undefined;
  backend: string;
  roles: Roles;
};

/** Says at the terminal that everything runs, and where. In production, and for one role alone, it logs an event. */
export async function printStartupBanner(context: Context, config: Config, running: Running): Promise<void> {
  const { httpServer, backend, roles } = running;
  if (!config.production && roles.web && roles.worker) return printFullBanner(context, config, running);
  if (config.production && roles.web) await printFirstEntryLink(context);
  const { web, worker } = roles;
  context.log.info({ event: 'started', web, worker, port: httpServer?.port, queue: backend });
  if (!config.production)
    printLine(`Paperround is running${httpServer === undefined ? '' : ` at ${context.publicUrl}`}.`);
}

async function printFullBanner(
  context: Context,
  config: Config,
  { servers, httpServer, backend, roles }: Running,
): Promise<void> {
  if (httpServer !== undefined && !config.isPortGiven && httpServer.port !== config.port)
    printLine(`Port ${config.port} is taken, so this is ${httpServer.port}.`);
  printLine(
    `Paperround is running. ${config.smtpUrl === undefined ? 'No mail leaves this computer.' : 'Mail leaves through SMTP_URL.'}`,
  );
  printLine(`  1 Subscribe      ${context.publicUrl}${roles.demo && isLocalOnly(config) ? '/demo' : '/'}`);
  if (config.smtpUrl === undefined && isLocalOnly(config))
    printLine(`  2 Read the mail  ${context.publicUrl}/inbox`);
  printLine(`  3 Run it         ${await createDefaultEntryLink(context)}   (once, within 15 minutes)`);
  printLine(factsLine(config, servers, backend));
}

/** Prints a link into the dashboard while there is no operator, since only operators can be sent one. */
async function printFirstEntryLink(context: Context): Promise<void> {
  if ((await listOperators(context.db)).length > 0) return;
  printLine(
    `There is no operator yet. The dashboard (once, within 15 minutes): ${await createDefaultEntryLink(context)}`,
  );
  printLine('Make one, who is mailed what waits for a word: npx paperround operator create EMAIL');
}

function factsLine(config: Config, servers: EmbeddedServers | undefined, backend: string): string {
  const version = servers?.postgresVersion;
  const database =
    config.databaseUrl === undefined
      ? `Postgres ${version ?? ''} in ${config.dataDir}`
      : 'Postgres of DATABASE_URL';
  const queue = backend === 'redis' ? 'Redis' : 'Postgres';
  const startOver = config.databaseUrl === undefined ? ` · start over: delete ${config.dataDir}` : '';
  return `${database} · queue on ${queue} · Ctrl-C stops, data stays${startOver}`;
}
