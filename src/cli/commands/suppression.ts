import type { Command } from 'commander';
import type { Context } from '../../platform/context.js';
import { parseAddress } from '../../subscribers/address.js';
import {
  liftAsOperator,
  suppressAddress,
  type OperatorLift,
} from '../../subscribers/suppression/operator-changes.js';
import { listSuppressionPage, type ListedSuppression } from '../../subscribers/suppression/operator-reads.js';
import { choosePublication } from '../choose-publication.js';
import { CliError } from '../cli-error.js';
import { listLines, print } from '../output.js';
import { parseId } from '../parse-id.js';
import type { ReadConfig } from '../read-config.js';
import { withContext } from '../servers.js';
import { wholeNumberFrom } from '../whole-number.js';

type ListOptions = { publication?: string; limit: number; cursor?: string; json?: boolean };
type ChangeOptions = { publication?: string; everywhere?: true; note: string; json?: boolean };

/** `suppression list|add|remove`. */
export function suppressionCommands(paperround: Command, config: ReadConfig): void {
  const suppression = paperround.command('suppression').description('addresses that are not mailed, and why');

  suppression
    .command('list')
    .description('the newest first; an address is stored only as its hash, and can be asked for')
    .argument('[address]', 'why this one is not mailed')
    .option('--publication <slug>', 'those that keep this one from mailing')
    .option('--limit <n>', 'how many', wholeNumberFrom(1), 100)
    .option('--cursor <id>', 'the next page: the id that the page before ended with')
    .option('--json', 'answer as JSON')
    .action((address: string | undefined, options: ListOptions) => list(config, address, options));

  change('add', 'never mail an address again, from one publication or any', add);
  change('remove', 'let mail go to an address again; the answer says what still stands against it', remove);

  function change(verb: string, description: string, act: ChangeAction): void {
    suppression
      .command(verb)
      .description(description)
      .argument('<address>', 'whose')
      .requiredOption('--note <text>', 'why, for whoever asks later; addresses in it are not stored')
      .option('--publication <slug>', 'which one')
      .option('--everywhere', 'all publications')
      .option('--json', 'answer as JSON')
      .action((address: string, options: ChangeOptions) => act(config, address, options));
  }
}

type ChangeAction = (config: ReadConfig, address: string, options: ChangeOptions) => Promise<void>;

async function list(config: ReadConfig, address: string | undefined, options: ListOptions): Promise<void> {
  const emailKey = address === undefined ? undefined : parseKey(address);
  const before =
    options.cursor === undefined
      ? undefined
      : parseId(options.cursor, { what: 'a suppression', list: 'suppression list' });
  const rows = await withContext(config(), async (context) => {
    const { publication } = options;
    return listSuppressionPage(context.db, {
      ...(publication !== undefined && { publicationId: (await choosePublication(context, publication)).id }),
      ...(emailKey !== undefined && { addressHash: context.hashAddress(emailKey) }),
      ...(before !== undefined && { before }),
      limit: options.limit + 1,
    });
  });
  const data = rows.slice(0, options.limit);
  const nextCursor = rows.length > data.length ? (data.at(-1)?.id ?? null) : null;
  const more = nextCursor === null ? [] : [`More: --cursor ${nextCursor}`];
  const headings = ['Id', 'Hash', 'Reason', 'Time', 'Publication', 'Note'];
  const lines = listLines(headings, data.map(toRow), 'No address is suppressed.');
  print(options, { data, nextCursor }, [...lines, ...more]);
}

async function add(config: ReadConfig, address: string, options: ChangeOptions): Promise<void> {
  const emailKey = parseKey(address);
  const note = parseNote(options.note);
  const { kind } = await withContext(config(), async (context) =>
    suppressAddress(context, { emailKey, publicationId: await chooseScope(context, options), note }),
  );
  const isNew = kind === 'suppressed';
  print(options, { added: isNew }, [isNew ? 'Suppressed.' : 'It was suppressed by an operator before.']);
}

async function remove(config: ReadConfig, address: string, options: ChangeOptions): Promise<void> {
  const emailKey = parseKey(address);
  const note = parseNote(options.note);
  const result = await withContext(config(), async (context) =>
    liftAsOperator(context, { emailKey, publicationId: await chooseScope(context, options), note }),
  );
  if (result.lifted.length === 0)
    throw new CliError([...describeRemaining(result), 'Nothing was changed.'].join('\n'));
  const done = `Lifted: ${result.lifted.map(describeOne).join(', ')}.`;
  print(options, result, [done, ...describeRemaining(result)]);
}

function describeRemaining({ lifted, remaining, readerMayUndoUntil }: OperatorLift): string[] {
  if (remaining.length === 0)
    return lifted.length === 0 ? ['Nothing that you can lift stops mail to it.'] : [];
  const rest = `Mail to it is still stopped: ${remaining.map(describeOne).join(', ')}.`;
  if (readerMayUndoUntil === null)
    return [rest, 'What holds for all publications is lifted with --everywhere.'];
  return [
    rest,
    `She blocked it herself, and only she can undo that until ${readerMayUndoUntil.toISOString()}.`,
  ];
}

function describeOne({ reason, everywhere }: OperatorLift['lifted'][number]): string {
  return everywhere ? `${reason} (all publications)` : reason;
}

/** Null: all publications. */
async function chooseScope(
  context: Pick<Context, 'db'>,
  { publication, everywhere }: ChangeOptions,
): Promise<string | null> {
  if (everywhere && publication !== undefined)
    throw new CliError('Name one publication, or --everywhere. Nothing was changed.', 2);
  return everywhere ? null : (await choosePublication(context, publication)).id;
}

function parseKey(text: string): string {
  const parsed = parseAddress(text);
  if (parsed.kind === 'malformed') throw new CliError('This is no mail address. Nothing was changed.', 2);
  return parsed.address.key;
}

function parseNote(text: string): string {
  const note = text.trim();
  if (note === '') throw new CliError('--note is empty. Nothing was changed.', 2);
  return note;
}

function toRow({ id, hashPrefix, publication, reason, since, note }: ListedSuppression): string[] {
  return [
    id,
    hashPrefix,
    reason,
    `since ${since.toISOString()}`,
    publication ?? 'all publications',
    note ?? '',
  ];
}
