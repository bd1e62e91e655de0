import type { Command } from 'commander';
import type { ReadConfig } from '../read-config.js';
import { migrate } from '../../platform/db/migrate.js';
import { print } from '../output.js';
import { findCommandServers, urlsOf } from '../servers.js';
import type { StartOptions } from './start.js';
import type { Roles } from './startup-banner.js';

/** Whether this is the name of a command below. */
export function isServerCommand(name: string): boolean {
  return ['start', 'web', 'worker', 'migrate'].includes(name);
}

const AFTER_RESTORE =
  'the database was restored from an older copy: hold all mail that is due until you decide about it';

const RUNNING_JSON = 'when it runs, one line of JSON: where everything is';

export function serverCommands(paperround: Command, config: ReadConfig): void {
  paperround
    .command('start')
    .description('run everything: web, worker, and the servers that the settings leave to us')
    .option('--no-demo', 'do not make the demo publication in an empty database')
    .option('--after-restore', AFTER_RESTORE)
    .option('--json', RUNNING_JSON)
    .action(({ demo, ...options }: { demo: boolean } & StartOptions) =>
      runServer(config, { web: true, worker: true, demo }, options),
    );
  paperround
    .command('web')
    .description('run the web process only')
    .option('--json', RUNNING_JSON)
    .action((options: StartOptions) => runServer(config, { web: true, worker: false, demo: false }, options));
  paperround
    .command('worker')
    .description('run the worker only')
    .option('--after-restore', AFTER_RESTORE)
    .option('--heartbeat <file>', 'write this file every 10 seconds, for a health check')
    .option('--json', RUNNING_JSON)
    .action((options: StartOptions) => runServer(config, { web: false, worker: true, demo: false }, options));
  paperround
    .command('migrate')
    .description('bring the database to this version’s tables')
    .option('--json', 'answer as JSON')
    .action(async (options: { json?: boolean }) => {
      const settings = config();
      const say = (line: string) => void process.stderr.write(`${line}\n`);
      const { config: known, servers } = await findCommandServers(settings);
      try {
        const applied = await migrate(urlsOf(known, servers).databaseUrl, say);
        if (options.json === true) print(options, { applied }, []);
        else say(applied.length === 0 ? 'The tables are up to date.' : `Applied: ${applied.join(', ')}`);
      } finally {
        await servers?.stop();
      }
    });
}

/** Pages and queues are loaded only here: every other command is twice as quick without them. */
async function runServer(config: ReadConfig, roles: Roles, options: StartOptions = {}): Promise<void> {
  const { start } = await import('./start.js');
  return start(config(), roles, options);
}
