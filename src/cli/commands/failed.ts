import type { Command } from 'commander';
import { describeFailedRow } from '../../deliveries/alerts/describe-failed-row.js';
import { listFailedRows } from '../../deliveries/alerts/reads.js';
import { retryFailedRows } from '../../deliveries/recover/retry-failed-rows.js';
import type { FailedRow } from '../../platform/jobs/failed-rows.js';
import { choosePublication } from '../choose-publication.js';
import { listLines, print } from '../output.js';
import type { ReadConfig } from '../read-config.js';
import { withContext } from '../servers.js';

type Options = { json?: boolean; publication?: string };

const MAX_LISTED = 100;

export function failedCommands(paperround: Command, config: ReadConfig): void {
  const failed = paperround.command('failed').description('what could not be processed and is left out');

  failed
    .command('list')
    .description('what is left out, since when, and why')
    .option('--publication <slug>', 'which one')
    .option('--json', 'answer as JSON')
    .action(async (options: Options) => {
      const rows = await withContext(config(), async (context) => {
        const { id: publicationId } = await choosePublication(context, options.publication);
        return listFailedRows(context.db, { publicationId, limit: MAX_LISTED });
      });
      const headings = ['What', 'Code', 'Time', 'Next attempt'];
      print(options, rows, listLines(headings, rows.map(failedRow), 'Nothing is left out.'));
    });

  failed
    .command('retry')
    .description('try again at once what is left out for now')
    .option('--publication <slug>', 'which one')
    .option('--json', 'answer as JSON')
    .action(async (options: Options) => {
      const count = await withContext(config(), async (context) => {
        const { id } = await choosePublication(context, options.publication);
        return retryFailedRows(context, id);
      });
      print(options, { count }, [`Tried again by the running worker within minutes: ${count}.`]);
    });
}

function failedRow(row: FailedRow): string[] {
  const retry = row.retryAt === null ? 'not tried again by itself' : `again ${row.retryAt.toISOString()}`;
  return [describeFailedRow(row), row.code, `since ${row.failingSince.toISOString()}`, retry];
}
