import type { Command } from 'commander';
import type { ReadConfig } from './read-config.js';
import { migrate } from '../platform/db/migrate.js';
import { needsNone, quietServers, urlsOf } from './servers.js';
import type { Roles } from './greet.js';

/** Is this one of the commands below, rather than one of the others? */
export function isServerCommand(name: string): boolean {
  return ['start', 'web', 'worker', 'migrate'].includes(name);
}

export function serverCommands(paperround: Command, config: ReadConfig): void {
  paperround
    .command('start')
    .description('run everything: web, worker, and the servers that the settings leave to us')
    .option('--no-demo', 'do not make the demo publication in an empty database')
    .action(({ demo }: { demo: boolean }) => run(config, { web: true, worker: true, demo }));
  paperround
    .command('web')
    .description('run the web process only')
    .action(() => run(config, { web: true, worker: false, demo: false }));
  paperround
    .command('worker')
    .description('run the worker only')
    .action(() => run(config, { web: false, worker: true, demo: false }));
  paperround
    .command('migrate')
    .description('bring the database to this version’s tables')
    .action(async () => {
      const settings = config();
      const say = (line: string) => void process.stderr.write(`${line}\n`);
      const servers = needsNone(settings) ? undefined : await quietServers(settings);
      try {
        const applied = await migrate(urlsOf(settings, servers).databaseUrl);
        say(applied.length === 0 ? 'The tables are up to date.' : `Applied: ${applied.join(', ')}`);
      } finally {
        await servers?.stop();
      }
    });
}

/** Pages and queues are loaded only here: every other command is twice as quick without them. */
async function run(config: ReadConfig, roles: Roles): Promise<void> {
  const { start } = await import('./start.js');
  return start(config(), roles);
}
