import { createReadStream } from 'node:fs';
import { basename } from 'node:path';
import { Option, type Command } from 'commander';
import { describeMistake, describeProblem, missingWords } from '../../../http/dashboard/import/words.js';
import type { Context } from '../../../platform/context.js';
import { canonicalTimeZone } from '../../../platform/text/time-zone.js';
import { cadences, type Cadence } from '../../../publications/publication.js';
import type { Import, ImportFile } from '../../../subscribers/import/import.js';
import {
  addImport,
  answerImport,
  checkFiles,
  chooseColumns,
  createImport,
} from '../../../subscribers/import/prepare-import.js';
import { productIds, productName, type ProductId } from '../../../subscribers/import/products.js';
import { fields, type Field } from '../../../subscribers/import/read/fields.js';
import { findImport } from '../../../subscribers/import/reads.js';
import { listFiles, listMistakes } from '../../../subscribers/import/file-reads.js';
import { receiveFile } from '../../../subscribers/import/receive-file.js';
import { workOnImport } from '../../../subscribers/import/work-on-import.js';
import { choosePublication } from '../../choose-publication.js';
import { CliError } from '../../cli-error.js';
import { confirmOrAbort } from '../../confirm-prompt.js';
import { oneOf } from '../../one-of.js';
import { print } from '../../output.js';
import type { ReadConfig } from '../../read-config.js';
import { withContext } from '../../servers.js';
import { wholeNumberFrom } from '../../whole-number.js';
import { describeImport } from './describe-import.js';
import { showProgress } from './progress.js';

type Options = {
  publication?: string;
  from: ProductId;
  name?: string;
  statement?: string;
  ask?: true;
  perHour?: number;
  cadence?: Cadence;
  timezone?: string;
  dateOrder?: 'day-first' | 'month-first';
  column: { name: string; field: Field }[];
  dryRun?: true;
  yes?: true;
  json?: boolean;
};

/** `subscriber import`. */
export function bringReadersCommand(subscriber: Command, config: ReadConfig): void {
  subscriber
    .command('import')
    .description('bring readers from another product; nobody is mailed by it (import start does that)')
    .argument('<files...>', 'its exports: CSV, TSV or JSON Lines; - is stdin')
    .option('--publication <slug>', 'which one')
    .option('--from <product>', productIds.join(', '), oneOf(productIds), 'other')
    .option('--name <text>', 'what readers know it as, for their mails')
    .option('--statement <text>', 'where and how they agreed; kept with each consent')
    .option('--ask', 'ask each to confirm first')
    .option('--per-hour <n>', 'with --ask: at most so many in an hour', wholeNumberFrom(1))
    .option('--cadence <cadence>', `${cadences.join(', ')}, where the files do not say it`, oneOf(cadences))
    .option('--timezone <zone>', 'where the files do not say it, like Africa/Nairobi')
    .addOption(
      new Option('--date-order <order>', 'of dates like 03/04/2023').choices(['day-first', 'month-first']),
    )
    .option('--column <name=meaning>', `a column, as ${fields.join(', ')}; repeatable`, collectColumn, [])
    .option('--dry-run', 'check only')
    .option('--yes', 'do not ask before they are added')
    .option('--json', 'answer as JSON')
    .action((files: string[], options: Options) => bringReaders(config, files, options));
}

function collectColumn(
  text: string,
  before: { name: string; field: Field }[],
): { name: string; field: Field }[] {
  const at = text.lastIndexOf('=');
  const field = fields.find((one) => one === text.slice(at + 1).trim());
  if (at < 1 || field === undefined)
    throw new CliError(`--column is a name and one of ${fields.join(', ')}.`, 2);
  return [...before, { name: text.slice(0, at).trim().toLowerCase(), field }];
}

async function bringReaders(config: ReadConfig, files: string[], options: Options): Promise<void> {
  const done = await withContext(config(), async (context) => {
    const publication = await choosePublication(context, options.publication);
    const answers = answersOf(options);
    const { from: product, name = productName(options.from) } = options;
    const created = await createImport(context, publication, { product, productName: name });
    if (created.kind !== 'created') throw new CliError('The newsletter is archived: nobody can be added.');
    const { id } = created;
    for (const file of files) await receive(context, id, file);
    for (const file of await listFiles(context.db, id)) await setColumns(context, file, options.column);
    await answerImport(context, id, answers);
    const checked = await check(context, id);
    if (options.dryRun === true) return checked;
    if (options.yes !== true) {
      process.stderr.write(`${(await describeImport(context, checked)).join('\n')}\n`);
      await confirmOrAbort('Add them? Nobody is mailed by this.', `Nobody was added: import ${id} is kept.`);
    }
    const { kind } = await addImport(context, id);
    if (kind === 'busy')
      throw new CliError('Another import of this newsletter is at work. Nobody was added.');
    return finish(context, id);
  });
  const lines = await withContext(config(), (context) => describeImport(context, done));
  print(options, done, lines);
}

function answersOf({ statement, ask, perHour, cadence, timezone, dateOrder }: Options) {
  const zone = timezone === undefined ? undefined : canonicalTimeZone(timezone);
  if (timezone !== undefined && zone === undefined)
    throw new CliError(`${timezone} is no time zone. Nothing was changed.`, 2);
  const answers = {
    consent: ask === true ? ('ask' as const) : ('mail' as const),
    statement,
    cadence,
    timezone: zone,
    dateOrder,
    asksPerHour: perHour,
  };
  return Object.fromEntries(Object.entries(answers).filter(([, value]) => value !== undefined));
}

async function receive(context: Context, id: string, path: string): Promise<void> {
  const source = path === '-' ? process.stdin : createReadStream(path);
  try {
    const received = await receiveFile(context, { id }, path === '-' ? 'stdin.csv' : basename(path), source);
    if (received.kind === 'no-table') throw new CliError(`${path}: ${describeProblem(received.mistake)}`);
    if (received.kind !== 'received') throw new CliError(`${path}: it was not taken (${received.kind}).`);
  } catch (error) {
    const { code } = error as { code?: string };
    if (code === 'ENOENT' || code === 'EACCES' || code === 'EISDIR')
      throw new CliError(`${path} cannot be read (${code}). Nothing was changed.`, 2);
    throw error;
  }
}

async function setColumns(context: Context, file: ImportFile, chosen: Options['column']): Promise<void> {
  const names = (file.preview?.header ?? []).map((name) => name.trim().toLowerCase());
  const columns = (file.columns ?? []).map((field, index) => {
    const own = chosen.find(({ name }) => name === names[index] || name === String(index + 1));
    return own?.field ?? field;
  });
  const { kind } = await chooseColumns(context, file, columns);
  if (kind === 'twice')
    throw new CliError(`${file.name}: two columns have the same meaning. Choose with --column.`, 2);
}

async function check(context: Context, id: string): Promise<Import> {
  const asked = await checkFiles(context, id);
  if (asked.kind === 'missing') throw new CliError(`${missingWords[asked.missing]} Nobody was added.`, 2);
  await workOnImport(context, id);
  const checked = await found(context, id);
  if (checked.problem !== null) {
    const files = await listFiles(context.db, id);
    const name = files.find(({ number }) => number === checked.problemFile)?.name ?? '';
    const line = checked.problemLine === null ? '' : `, line ${checked.problemLine}`;
    throw new CliError(`${name}${line}: ${describeProblem(checked.problem)} Nobody was added.`);
  }
  for (const { line, mistake } of await listMistakes(context.db, id, { after: undefined, limit: 20 }))
    process.stderr.write(`line ${line}: ${describeMistake(mistake)}\n`);
  return checked;
}

/** Adds them in this process, where a worker has not begun with it. */
async function finish(context: Context, id: string): Promise<Import> {
  const progress = showProgress(context, id);
  try {
    await workOnImport(context, id);
  } finally {
    await progress.stop();
  }
  return found(context, id);
}

async function found(context: Context, id: string): Promise<Import> {
  const one = await findImport(context.db, id);
  if (one === undefined) throw new CliError('The import is gone.');
  return one;
}
