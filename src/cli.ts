import { Command, CommanderError } from 'commander';
import { articleCommands } from './cli/articles.js';
import { digestCommands } from './cli/digests.js';
import { dkimCommands } from './cli/dkim.js';
import { feedCommands } from './cli/feeds.js';
import { operatorCommands } from './cli/operators.js';
import { publicationCommands } from './cli/publications.js';
import type { ReadConfig } from './cli/read-config.js';
import { Refusal } from './cli/refusal.js';
import { serverCommands } from './cli/run.js';
import { ConfigError, readConfig, type Config } from './platform/config.js';
import { ExplainedError } from './platform/explained-error.js';

await main(process.argv);

async function main(argv: string[]): Promise<void> {
  try {
    await program(settings).parseAsync(argv);
  } catch (error) {
    process.exitCode = explain(error);
  }
}

function program(config: ReadConfig): Command {
  const paperround = new Command('paperround')
    .description(
      'Newsletters for publishers: sign-up, confirmation, and digests that reach each reader exactly once.',
    )
    .exitOverride()
    .showHelpAfterError('(--help shows what is possible)');
  for (const add of [
    serverCommands,
    publicationCommands,
    feedCommands,
    articleCommands,
    digestCommands,
    dkimCommands,
    operatorCommands,
  ]) {
    add(paperround, config);
  }
  return paperround;
}

function settings(): Config {
  try {
    process.loadEnvFile();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
  return readConfig(process.env);
}

/** Says what happened and answers the exit code: 1 failed, 2 misuse. */
function explain(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
  if (error instanceof ConfigError) {
    process.stderr.write('Nothing was started. These settings need a look:\n');
    for (const mistake of error.mistakes) process.stderr.write(`  ${mistake}\n`);
    return 1;
  }
  if (error instanceof ExplainedError) {
    process.stderr.write(`${error.message}\n`);
    return error instanceof Refusal ? error.exitCode : 1;
  }
  process.stderr.write(`${error instanceof Error ? error.stack : String(error)}\n`);
  return 1;
}
