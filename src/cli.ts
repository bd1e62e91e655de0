import { Command, CommanderError } from 'commander';
import type { ReadConfig } from './cli/read-config.js';
import { CliError } from './cli/cli-error.js';
import { isServerCommand, serverCommands } from './cli/start/server-commands.js';
import { findUnreadEnvFile, readEnvironment } from './cli/environment.js';
import { ConfigError, findSettingWarnings, readConfig, type Config } from './platform/config.js';
import { findSettingsPlaces, readVersion } from './platform/process/program-folder.js';
import { redactCredentials } from './platform/text/redact.js';
import { UserFacingError } from './platform/user-facing-error.js';

await main(process.argv);

async function main(argv: string[]): Promise<void> {
  // Node would print all that is in an error, such as the address that could not be read.
  process.on('uncaughtException', (error) => process.exit(reportError(error)));
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
    .version(readVersion(), '-V, --version', 'print the version')
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

/** Reads the settings, and says which are not read although they look as if they should be. */
function loadConfig(): Config {
  const environment = readEnvironment(process.env, findSettingsPlaces(), process.cwd());
  const unread = findUnreadEnvFile(findSettingsPlaces(), process.cwd());
  for (const warning of [...unread, ...findSettingWarnings(environment)])
    process.stderr.write(`${warning}\n`);
  return readConfig(environment);
}

/** Says what happened and answers the exit code: 1 failed, 2 misuse. */
function reportError(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
  process.stderr.write(`${describe(error)}\n`);
  return error instanceof CliError ? error.exitCode : 1;
}

function describe(error: unknown): string {
  // What these say of a setting has nothing of its value, and examples of ours.
  if (error instanceof ConfigError)
    return ['Nothing was started. These settings need a look:', ...error.mistakes].join('\n  ');
  if (error instanceof UserFacingError) return redactCredentials(error.message);
  return redactCredentials(error instanceof Error ? (error.stack ?? error.message) : String(error));
}
