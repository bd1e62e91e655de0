import type { Command } from 'commander';
import type { ReadConfig } from './read-config.js';
import { migrate } from '../platform/db/migrate.js';
import { needsNone, quietServers, urlsOf } from './servers.js';
import { start } from './start.js';

export function serverCommands(paperround: Command, config: ReadConfig): void {
  paperround
    .command('start')
    .description('run everything: web, worker, and the servers that the settings leave to us')
    .option('--no-demo', 'do not make the demo publication in an empty database')
    .action(({ demo }: { demo: boolean }) => start(config(), { web: true, worker: true, demo }));
  paperround
    .command('web')
    .description('run the web process only')
    .action(() => start(config(), { web: true, worker: false, demo: false }));
  paperround
    .command('worker')
    .description('run the worker only')
    .action(() => start(config(), { web: false, worker: true, demo: false }));
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
