import { createWriteStream, existsSync } from 'node:fs';
import { readFile, rename, rm } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Command } from 'commander';
import { exportFormats, type ExportFormat } from '../../exports/export.js';
import { exportJsonLines, sealSuppressionKey } from '../../exports/export-jsonl.js';
import type { Context } from '../../platform/context.js';
import { MIN_PASSPHRASE_LENGTH } from '../../platform/crypto/passphrase-box.js';
import { statesIn } from '../../platform/db/transitions.js';
import { countNoun } from '../../platform/text/count-noun.js';
import { cadences, type Cadence, type Publication } from '../../publications/publication.js';
import { exportReaders } from '../../subscribers/list/export-readers.js';
import type { SubscriptionStatus } from '../../subscribers/subscription.js';
import { SUBSCRIPTION_TRANSITIONS } from '../../subscribers/transitions.js';
import { choosePublication } from '../choose-publication.js';
import { CliError } from '../cli-error.js';
import { oneOf } from '../one-of.js';
import { print } from '../output.js';
import type { ReadConfig } from '../read-config.js';
import { withContext } from '../servers.js';

type Options = {
  publication?: string;
  format: ExportFormat;
  out: string;
  status?: SubscriptionStatus;
  cadence?: Cadence;
  topic?: string;
  language?: string;
  passphraseFile?: string;
  json?: true;
};

const statuses = statesIn(SUBSCRIPTION_TRANSITIONS);
const STDOUT = '-';

/** `subscriber export`. */
export function exportCommand(subscriber: Command, config: ReadConfig): void {
  subscriber
    .command('export')
    .description('readers as a file: a table, or everything about them; as often as you like')
    .option('--publication <slug>', 'which one')
    .option('--format <format>', 'csv for spreadsheets, or jsonl: everything', oneOf(exportFormats), 'csv')
    .option('--out <file>', 'where to; it must not be there yet; - is stdout', STDOUT)
    .option(
      '--status <status>',
      `${statuses.join(', ')}; without it all but pending ones`,
      oneOf<SubscriptionStatus>(statuses),
    )
    .option('--cadence <cadence>', cadences.join(', '), oneOf(cadences))
    .option('--topic <topic>', 'who chose it')
    .option('--language <tag>', 'whose language it is')
    .option('--passphrase-file <file>', 'a pass phrase, which seals the key of the suppressions of a jsonl')
    .option('--json', 'answer as JSON, where the file is not stdout')
    .action(async (options: Options) => {
      if (options.out === STDOUT && options.json) throw new CliError('--json needs --out FILE.', 2);
      const readers = await withContext(config(), (context) => writeExport(context, options));
      if (options.out === STDOUT) return;
      const done = `Exported ${countNoun(readers, 'reader')} to ${options.out}.`;
      print(options, { file: options.out, format: options.format, readers }, [done]);
    });
}

/** @returns how many readers are in it */
async function writeExport(context: Context, options: Options): Promise<number> {
  const publication = await choosePublication(context, options.publication);
  let readers = 0;
  const onReaders = async (count: number) => {
    readers = count;
    if (process.stderr.isTTY) process.stderr.write(`\r${count} readers`);
  };
  const pieces = Readable.from(await makePieces(context, publication, options, onReaders), {
    objectMode: false,
    encoding: 'utf8',
  });
  if (options.out === STDOUT) await pipeline(pieces, process.stdout, { end: false });
  else await writeFileOnce(options.out, pieces);
  if (process.stderr.isTTY) process.stderr.write('\n');
  return readers;
}

async function makePieces(
  context: Context,
  publication: Publication,
  { format, status, cadence, topic, language: locale, passphraseFile }: Options,
  onReaders: (count: number) => Promise<void>,
): Promise<AsyncGenerator<string>> {
  const filter = { status, cadence, topic, locale };
  if (format === 'csv') return exportReaders(context, { publicationId: publication.id, filter }, onReaders);
  const suppressionKey =
    passphraseFile === undefined
      ? null
      : await sealSuppressionKey(context, await readPassphrase(passphraseFile));
  return exportJsonLines(context, publication, { filter, suppressionKey, onReaders });
}

async function readPassphrase(file: string): Promise<string> {
  const text = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    throw new CliError(`${file} cannot be read (${error.code ?? error.message}). Nothing was written.`);
  });
  const [passphrase = ''] = text.split(/\r?\n/, 1);
  if (passphrase.length < MIN_PASSPHRASE_LENGTH)
    throw new CliError(`The first line of ${file} needs ${MIN_PASSPHRASE_LENGTH} characters or more.`);
  return passphrase;
}

/** Only its owner may read it. Until it is whole it has another name. */
async function writeFileOnce(file: string, pieces: Readable): Promise<void> {
  const unfinished = `${file}.part`;
  refuseExisting(file);
  try {
    await pipeline(pieces, createWriteStream(unfinished, { mode: 0o600 }));
    await rename(unfinished, file);
  } catch (error) {
    await rm(unfinished, { force: true });
    throw error;
  }
}

function refuseExisting(file: string): void {
  if (existsSync(file)) throw new CliError(`${file} is there already. Nothing was exported.`);
}
