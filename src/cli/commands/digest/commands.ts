import type { Command } from 'commander';
import type { ReadConfig } from '../../read-config.js';
import { summariseDigests, type DigestSummary } from '../../../dashboard/overview.js';
import type { Config } from '../../../platform/config.js';
import type { Context } from '../../../platform/context.js';
import { choosePublication } from '../../choose-publication.js';
import { digestControlCommands } from './controls.js';
import { previewAll, previewForReader, type PreviewOptions } from './preview.js';
import { sendDigest, type SendOptions } from './send.js';
import { formatCounts, formatSendTime, showCommand } from './show.js';
import { MOMENT_FORMAT, parseMoment } from '../../moment.js';
import { listLines, print } from '../../output.js';
import { CliError } from '../../cli-error.js';
import { withContext } from '../../servers.js';

type Options = { json?: boolean; publication?: string };

const MAX_LISTED = 50;
const ARTICLE_ID = 'ids as article list shows them';

export function digestCommands(paperround: Command, config: ReadConfig): void {
  const digest = paperround.command('digest').description('what goes out, and what became of it');
  previewCommand(digest, config);
  sendCommand(digest, config);
  digest
    .command('list')
    .description('the newest digests')
    .option('--publication <slug>', 'which one')
    .option('--json', 'answer as JSON')
    .action((options: Options) => list(config(), options));
  showCommand(digest, config);
  digestControlCommands(digest, config);
}

function previewCommand(digest: Command, config: ReadConfig): void {
  digest
    .command('preview')
    .description('what would go out, to whom, and why; nothing is sent')
    .option('--publication <slug>', 'which one')
    .option('--reader <address>', 'what this reader gets')
    .option('--at <time>', `with --reader: at this moment instead of now (${MOMENT_FORMAT})`, parseMoment)
    .option('--article <id...>', `a mail with exactly these, whoever is due what; ${ARTICLE_ID}`)
    .option('--html', 'print the HTML part instead of the text')
    .option('--json', 'answer as JSON')
    .action(async ({ reader, at, ...options }: PreviewOptions) => {
      if (reader !== undefined && options.article !== undefined)
        throw new CliError('--article shows a mail, and --reader what one reader is due: not both.', 2);
      if (reader !== undefined) return previewForReader(config(), { reader, at, ...options });
      if (at !== undefined) throw new CliError('--at needs --reader: each reader has a time of her own.', 2);
      return previewAll(config(), options);
    });
}

function sendCommand(digest: Command, config: ReadConfig): void {
  digest
    .command('send')
    .description('send every confirmed reader what she is due, or chosen articles; asks before')
    .option('--publication <slug>', 'which one')
    .option('--article <id...>', `exactly these, to who has not been mailed them; ${ARTICLE_ID}`)
    .option('--again', 'with --article: also to who has')
    .option('--subject <line>', 'instead of the first title')
    .option('--note <text>', 'a word above the articles, in Markdown')
    .option('--at <time>', `later (${MOMENT_FORMAT})`, parseMoment)
    .option('--yes', 'do not ask; needed where there is no terminal')
    .option(
      '--idempotency-key <key>',
      'run again with the same key within a day, it sends nothing and answers the same',
    )
    .option('--json', 'answer as JSON')
    .action((options: SendOptions) => sendDigest(config(), options));
}

async function list(config: Config, options: Options): Promise<void> {
  const { digests, rows } = await withContext(config, async (context) => {
    const { id } = await choosePublication(context, options.publication);
    const digests = await summariseDigests(context, id, MAX_LISTED);
    return { digests, rows: digests.map((digest) => digestRow(context, digest)) };
  });
  const headings = ['Id', 'Cadence', 'Period', 'State', 'Sent', 'Ledger', 'Subject'];
  print(options, digests, listLines(headings, rows, 'There is no digest yet.'));
}

function digestRow(context: Context, digest: DigestSummary): string[] {
  return [
    digest.id,
    digest.cadence,
    // An operator's digest has no period: its key is random.
    digest.cadence === 'operator' ? '' : digest.period,
    digest.state,
    formatSendTime(context, digest),
    formatCounts(digest),
    digest.subject ?? '',
  ];
}
