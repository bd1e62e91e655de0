import { Command, CommanderError } from 'commander';
import type { ReadConfig } from './cli/read-config.js';
import { CliError } from './cli/cli-error.js';
import { loadSettingsFile } from './cli/load-settings-file.js';
import { isServerCommand, serverCommands } from './cli/start/server-commands.js';
import { ConfigError, readConfig, type Config } from './platform/config.js';
import { UserFacingError } from './platform/user-facing-error.js';

await main(process.argv);

async function main(argv: string[]): Promise<void> {
  try {
    const paperround = await createProgram(loadConfig, argv[2]);
    await paperround.parseAsync(argv);
  } catch (error) {
    process.exitCode = reportError(error);
  }
}

async function createProgram(config: ReadConfig, wanted: string | undefined): Promise<Command> {
  const paperround = new Command('paperround')
    .description(
      'Newsletters for publishers: sign-up, confirmation, and digests that reach each reader exactly once.',
    )
    .exitOverride()
    .showHelpAfterError('(--help shows what is possible)');
  serverCommands(paperround, config);
  // A process that runs for years does not carry what only the other commands need.
  if (wanted === undefined || !isServerCommand(wanted)) {
    const { loadCommands } = await import('./cli/command-registry.js');
    for (const add of await loadCommands(wanted)) add(paperround, config);
  }
  return paperround;
}

function loadConfig(): Config {
  loadSettingsFile();
  return readConfig(process.env);
}

/** Says what happened and answers the exit code: 1 failed, 2 misuse. */
function reportError(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
  if (error instanceof ConfigError) {
    process.stderr.write('Nothing was started. These settings need a look:\n');
    for (const mistake of error.mistakes) process.stderr.write(`  ${mistake}\n`);
    return 1;
  }
  if (error instanceof UserFacingError) {
    process.stderr.write(`${error.message}\n`);
    return error instanceof CliError ? error.exitCode : 1;
  }
  process.stderr.write(`${error instanceof Error ? error.stack : String(error)}\n`);
  return 1;
}
