import type { Command } from 'commander';
import { addressHashes } from '../../../subscribers/suppression/address-hashes.js';
import {
  listSuppressionPage,
  type ListedSuppression,
} from '../../../subscribers/suppression/operator-reads.js';
import {
  SUPPRESSION_STRENGTH,
  suppressionSources,
  type SuppressionReason,
  type SuppressionSource,
} from '../../../subscribers/suppression/reads.js';
import { choosePublication } from '../../choose-publication.js';
import { oneOf } from '../../one-of.js';
import { listLines, print } from '../../output.js';
import { parseId } from '../../parse-id.js';
import type { ReadConfig } from '../../read-config.js';
import { withContext } from '../../servers.js';
import { wholeNumberFrom } from '../../whole-number.js';
import { add, parseKey, remove } from './change.js';
import type { ChangeOptions } from './scope.js';

type ListOptions = {
  publication?: string;
  reason?: SuppressionReason;
  source?: SuppressionSource;
  limit: number;
  cursor?: string;
  json?: boolean;
};

/** `suppression list|add|remove`. */
export function suppressionCommands(paperround: Command, config: ReadConfig): void {
  const suppression = paperround
    .command('suppression')
    .description('addresses and domains that are not mailed, and why');

  suppression
    .command('list')
    .description('the newest first; of an address only its hash is kept, and it can be asked for')
    .argument('[address]', 'why this one is not mailed')
    .option('--publication <slug>', 'those that keep this one from mailing')
    .option('--reason <reason>', SUPPRESSION_STRENGTH.join(', '), oneOf(SUPPRESSION_STRENGTH))
    .option('--source <source>', suppressionSources.join(', '), oneOf(suppressionSources))
    .option('--limit <n>', 'how many', wholeNumberFrom(1), 100)
    .option('--cursor <id>', 'the next page: the id that the page before ended with')
    .option('--json', 'answer as JSON')
    .action((address: string | undefined, options: ListOptions) => list(config, address, options));

  withScope(
    suppression
      .command('add')
      .description('never mail an address or a domain again, from one publication or any')
      .argument('[address]', 'whose')
      .option('--domain <domain>', 'all addresses at a domain, and none below it')
      .option(
        '--file <path>',
        'addresses, and domains behind an @, one a line or in the first such column; - is stdin',
      )
      .option('--yes', 'do not ask before a file is added'),
  ).action((address: string | undefined, options: ChangeOptions) => add(config, address, options));

  withScope(
    suppression
      .command('remove')
      .description(
        'let mail go to an address or a domain again; the answer says what still stands against it',
      )
      .argument('[address]', 'whose')
      .option('--domain <domain>', 'what holds for a whole domain')
      .option('--id <id>', 'one of the list'),
  ).action((address: string | undefined, options: ChangeOptions) => remove(config, address, options));
}

function withScope(command: Command): Command {
  return command
    .requiredOption('--note <text>', 'why, for whoever asks later; addresses in it are not stored')
    .option('--publication <slug>', 'which one')
    .option('--everywhere', 'all publications')
    .option('--json', 'answer as JSON');
}

async function list(config: ReadConfig, address: string | undefined, options: ListOptions): Promise<void> {
  const emailKey = address === undefined ? undefined : parseKey(address);
  const before =
    options.cursor === undefined
      ? undefined
      : parseId(options.cursor, { what: 'a suppression', list: 'suppression list' });
  const rows = await withContext(config(), async (context) => {
    const { publication, reason, source } = options;
    const filter = {
      publicationId:
        publication === undefined ? undefined : (await choosePublication(context, publication)).id,
      reason,
      source,
      hashes: emailKey === undefined ? undefined : addressHashes(context.hashAddress, emailKey),
    };
    return listSuppressionPage(context.db, filter, { before, limit: options.limit + 1 });
  });
  const data = rows.slice(0, options.limit);
  const nextCursor = rows.length > data.length ? (data.at(-1)?.id ?? null) : null;
  const more = nextCursor === null ? [] : [`More: --cursor ${nextCursor}`];
  const headings = ['Id', 'Whose', 'Reason', 'Source', 'Time', 'Publication', 'Note'];
  const lines = listLines(headings, data.map(toRow), 'No address is suppressed.');
  print(options, { data: data.map(withoutAddress), nextCursor }, [...lines, ...more]);
}

/** What a terminal keeps is no place for addresses: who knows one can ask for it. */
function withoutAddress(row: ListedSuppression): ListedSuppression {
  return { ...row, address: null };
}

function toRow(row: ListedSuppression): string[] {
  return [
    row.id,
    row.domain === null ? row.hashPrefix : `@${row.domain}`,
    row.reason,
    row.source,
    `since ${row.since.toISOString()}`,
    row.publication ?? 'all publications',
    row.note ?? '',
  ];
}
