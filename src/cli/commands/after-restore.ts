import type { Command } from 'commander';
import {
  describeHeldMail,
  sendHeldMail,
  skipHeldMail,
  type HeldMail,
} from '../../deliveries/control/after-restore.js';
import type { Context } from '../../platform/context.js';
import type { RestoreReason } from '../../platform/restore/installation.js';
import { countNoun } from '../../platform/text/count-noun.js';
import { CliError } from '../cli-error.js';
import { print } from '../output.js';
import type { ReadConfig } from '../read-config.js';
import { withContext } from '../servers.js';

type Options = { json?: boolean };

export function afterRestoreCommands(paperround: Command, config: ReadConfig): void {
  const afterRestore = paperround
    .command('after-restore')
    .description(
      'mail that is held since the database was restored from an older copy, and what becomes of it',
    );

  afterRestore
    .command('show')
    .description('whether mail is held, why, and how much')
    .option('--json', 'answer as JSON')
    .action(async (options: Options) => {
      const held = await withContext(config(), describeHeldMail);
      print(options, held ?? null, held === undefined ? ['No mail is held.'] : heldLines(held));
    });

  decision('send', 'send all of it: nothing was mailed since the copy was made', sendHeldMail, [
    'What was due goes out within a minute.',
  ]);
  decision('skip', 'send none of it: it may have been mailed since the copy was made', skipHeldMail, [
    'What was due is skipped, and what is published by now counts as sent. Mail goes out again from here on.',
    'Digests that are held or paused stay so: paperround digest list',
  ]);

  function decision(
    name: string,
    description: string,
    decide: (context: Context) => Promise<boolean>,
    lines: string[],
  ): void {
    afterRestore
      .command(name)
      .description(description)
      .option('--json', 'answer as JSON')
      .action(async (options: Options) => {
        if (!(await withContext(config(), decide)))
          throw new CliError('No mail is held. Nothing was changed.');
        print(options, { decision: name, changed: true }, lines);
      });
  }
}

const reasons: Record<RestoreReason, string> = {
  older: 'the database is older than what has been sent from it: it was restored from a copy',
  copy: 'the database runs in another Postgres cluster than before: it is a copy',
  said: 'you said that the database was restored from an older copy',
};

function heldLines({ since, reason, deliveries, readersDue, notices, articles }: HeldMail): string[] {
  return [
    `Mail is held since ${since.toISOString()}: ${reasons[reason]}.`,
    `Held: ${countNoun(deliveries, 'planned mail')}, ${countNoun(readersDue, 'reader')} who are due, ` +
      `${countNoun(notices, 'single mail')}, ${countNoun(articles, 'article')} to be released.`,
    'If nothing was mailed since the copy was made: paperround after-restore send',
    'If it may have been: paperround after-restore skip',
  ];
}
