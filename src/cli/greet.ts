import type { Door } from '../http/door.js';
import { createUsualLink } from '../operators/entry-link.js';
import { listOperators } from '../operators/reads.js';
import type { Config } from '../platform/config.js';
import type { Context } from '../platform/context.js';
import type { EmbeddedServers } from '../platform/embedded/servers.js';
import { staysHere } from './stays-here.js';

export type Roles = { web: boolean; worker: boolean; demo: boolean };

const say = (line: string) => void process.stdout.write(`${line}\n`);

/** What the terminal says when everything runs, with the way in; in production a line of the log. */
export async function greet(
  context: Context,
  config: Config,
  running: { servers: EmbeddedServers | undefined; door: Door | undefined; backend: string; roles: Roles },
): Promise<void> {
  const { servers, door, backend, roles } = running;
  if (config.production || !roles.web || !roles.worker) {
    if (config.production && roles.web) await letFirstIn(context);
    context.log.info({
      event: 'started',
      web: roles.web,
      worker: roles.worker,
      port: door?.port,
      queue: backend,
    });
    if (!config.production)
      say(`Paperround is running${door === undefined ? '' : ` at ${context.publicUrl}`}.`);
    return;
  }
  if (door !== undefined && !config.portGiven && door.port !== config.port)
    say(`Port ${config.port} is taken, so this is ${door.port}.`);
  say(
    `Paperround is running. ${config.smtpUrl === undefined ? 'No mail leaves this computer.' : 'Mail leaves through SMTP_URL.'}`,
  );
  say(`  1 Subscribe      ${context.publicUrl}${roles.demo && staysHere(config) ? '/demo' : '/'}`);
  if (config.smtpUrl === undefined && staysHere(config)) say(`  2 Read the mail  ${context.publicUrl}/inbox`);
  say(`  3 Run it         ${await createUsualLink(context)}   (once, within 15 minutes)`);
  say(factsLine(config, servers, backend));
}

/** Whoever sets up a server has no other way in; once there is an operator, she is asked for by name. */
async function letFirstIn(context: Context): Promise<void> {
  if ((await listOperators(context.db)).length > 0) return;
  say(`There is no operator yet. The dashboard (once, within 15 minutes): ${await createUsualLink(context)}`);
  say('Make one, who is mailed what waits for a word: npx paperround operator create EMAIL');
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
