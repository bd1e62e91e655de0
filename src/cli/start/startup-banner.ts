import type { HttpServer } from '../../http/server.js';
import { createDefaultEntryLink } from '../../operators/entry-link.js';
import { listOperators } from '../../operators/reads.js';
import type { Config } from '../../platform/config.js';
import type { Context } from '../../platform/context.js';
import type { EmbeddedServers } from '../../platform/embedded/servers.js';
import { isLocalOnly } from './is-local-only.js';

export type Roles = { web: boolean; worker: boolean; demo: boolean };

type Running = {
  servers: EmbeddedServers | undefined;
  httpServer: HttpServer | undefined;
  backend: string;
  roles: Roles;
  /** One line of JSON instead of sentences. */
  json: boolean;
};

/** Where everything is; without a web process, nowhere. `dashboard`: a link that works once, within 15 minutes. */
type Places = { subscribe?: string; inbox?: string; dashboard?: string };

const printLine = (line: string) => void process.stdout.write(`${line}\n`);

/** Says at the terminal that everything runs, and where. In production, and for one role alone, it logs an event. */
export async function printStartupBanner(context: Context, config: Config, running: Running): Promise<void> {
  const { httpServer, backend, roles, json } = running;
  const { web, worker } = roles;
  const places = web ? await findPlaces(context, config, roles) : {};
  const isFull = !config.production && web && worker;
  if (!isFull) context.log.info({ event: 'started', web, worker, port: httpServer?.port, queue: backend });
  if (json) {
    const { publicUrl } = context;
    printLine(JSON.stringify({ publicUrl, web, worker, port: httpServer?.port, queue: backend, ...places }));
  } else if (isFull) {
    for (const line of fullBanner(config, running, places)) printLine(line);
  } else if (config.production) {
    for (const line of firstEntryLines(places)) printLine(line);
  } else {
    printLine(`Paperround is running${httpServer === undefined ? '' : ` at ${context.publicUrl}`}.`);
  }
}

/** In production a link into the dashboard only while there is no operator, since only operators can be sent one. */
async function findPlaces(context: Context, config: Config, roles: Roles): Promise<Places> {
  const { publicUrl } = context;
  const isLocal = isLocalOnly(config);
  const isOpen = !config.production && roles.worker;
  const needsLink = config.production ? (await listOperators(context.db)).length === 0 : roles.worker;
  return {
    subscribe: `${publicUrl}${roles.demo && isLocal ? '/demo' : '/'}`,
    ...(isOpen && config.smtpUrl === undefined && isLocal && { inbox: `${publicUrl}/inbox` }),
    ...(needsLink && { dashboard: await createDefaultEntryLink(context) }),
  };
}

/** The lines of a start in development: the steps to try are numbered as far as there are. */
export function fullBanner(
  config: Config,
  { servers, httpServer, backend }: Pick<Running, 'servers' | 'httpServer' | 'backend'>,
  { subscribe, inbox, dashboard }: Places,
): string[] {
  const isMoved = httpServer !== undefined && !config.isPortGiven && httpServer.port !== config.port;
  const steps = [
    ['Subscribe', subscribe],
    ['Read the mail', inbox],
    ['Run it', dashboard && `${dashboard}   (once, within 15 minutes)`],
  ].filter(([, place]) => place !== undefined);
  return [
    ...(isMoved ? [`Port ${config.port} is taken, so this is ${httpServer.port}.`] : []),
    `Paperround is running. ${config.smtpUrl === undefined ? 'No mail leaves this computer.' : 'Mail leaves through SMTP_URL.'}`,
    ...steps.map(([name = '', place], at) => `  ${at + 1} ${name.padEnd(14)} ${place}`),
    factsLine(config, servers, backend),
  ];
}

function firstEntryLines({ dashboard }: Places): string[] {
  if (dashboard === undefined) return [];
  return [
    `There is no operator yet. The dashboard (once, within 15 minutes): ${dashboard}`,
    'Make one, who is mailed what waits for a word: npx paperround operator create EMAIL',
  ];
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
