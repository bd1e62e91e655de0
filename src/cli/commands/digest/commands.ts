import { InvalidArgumentError, type Command } from 'commander';
import type { ReadConfig } from '../../read-config.js';
import { summariseDigest, summariseDigests, type DigestSummary } from '../../../dashboard/overview.js';
import { describeMissingWorker } from '../../../dashboard/missing-worker.js';
import { listCircuitsWithMail } from '../../../deliveries/waiting-mail.js';
import type { Config } from '../../../platform/config.js';
import type { Context } from '../../../platform/context.js';
import { describeForTerminal } from '../describe-for-terminal.js';
import { chooseDigest } from './choose-digest.js';
import { choosePublication } from '../../choose-publication.js';
import { digestControlCommands } from './controls.js';
import { previewAll, previewForReader, type PreviewOptions } from './preview.js';
import { sendDigest, type SendOptions } from './send.js';
import { print, table } from '../../output.js';
import { CliError } from '../../cli-error.js';
import { withContext } from '../../servers.js';

type Options = { json?: boolean; publication?: string };

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
  digest
    .command('show')
    .description('one digest and its ledger')
    .argument('<id>', 'its id, or as much of it as is needed')
    .option('--json', 'answer as JSON')
    .action((id: string, options: Options) => show(config(), id, options));
  digestControlCommands(digest, config);
}

function previewCommand(digest: Command, config: ReadConfig): void {
  digest
    .command('preview')
    .description('what would go out, to whom, and why; nothing is sent')
    .option('--publication <slug>', 'which one')
    .option('--reader <address>', 'what this reader gets')
    .option('--at <time>', 'at this moment (ISO 8601), instead of now', parseTime)
    .option('--html', 'print the HTML part instead of the text')
    .option('--json', 'answer as JSON')
    .action(async ({ reader, at, ...options }: PreviewOptions) => {
      if (reader !== undefined) return previewForReader(config(), { reader, at, ...options });
      if (at !== undefined) throw new CliError('--at needs --reader: each reader has a time of her own.', 2);
      return previewAll(config(), options);
    });
}

function sendCommand(digest: Command, config: ReadConfig): void {
  digest
    .command('send')
    .description('send every confirmed reader what she is due, or chosen articles')
    .option('--publication <slug>', 'which one')
    .option('--article <id...>', 'exactly these, to who has not been mailed them')
    .option('--again', 'also to who has')
    .option('--subject <line>', 'instead of the first title')
    .option('--note <text>', 'a word above the articles, in Markdown')
    .option('--at <time>', 'later (ISO 8601)', parseTime)
    .option('--yes', 'do not ask')
    .option('--json', 'answer as JSON')
    .action((options: SendOptions) => sendDigest(config(), options));
}

async function list(config: Config, options: Options): Promise<void> {
  const digests = await withContext(config, async (context) => {
    const { id } = await choosePublication(context, options.publication);
    return summariseDigests(context, id, 50);
  });
  print(options, digests, digests.length === 0 ? ['There is no digest yet.'] : table(digests.map(digestRow)));
}

async function show(config: Config, id: string, options: Options): Promise<void> {
  const digest = await withContext(config, async (context) => {
    const summary = await summariseDigest(context, await chooseDigest(context, id));
    return { ...summary, waitsFor: await describeWaits(context, summary) };
  });
  const { subject, state, reason, waitsFor } = digest;
  const stateReason = reason === null ? [] : [`${state}: ${reason}`];
  print(options, digest, [subject ?? 'Being prepared', formatCounts(digest), ...stateReason, ...waitsFor]);
}

/** In sentences, the mail servers and domains that mail of a digest may wait for, and a worker that is missing. */
async function describeWaits(context: Context, { state }: DigestSummary): Promise<string[]> {
  if (state !== 'sending' && state !== 'paused') return [];
  const missing = await describeMissingWorker(context, (moment) => moment.toISOString());
  const circuits = await listCircuitsWithMail(context.db);
  return [
    ...(missing === undefined ? [] : [missing]),
    ...circuits.flatMap((circuit) => describeForTerminal(context, circuit)),
  ];
}

function parseTime(text: string): Date {
  const at = new Date(text);
  if (Number.isNaN(at.getTime())) throw new InvalidArgumentError('It is a moment like 2026-11-22T07:00:00Z.');
  return at;
}

function digestRow(digest: DigestSummary): string[] {
  return [
    digest.id,
    digest.cadence,
    digest.period.slice(0, 10),
    digest.state,
    formatCounts(digest),
    digest.subject ?? '',
  ];
}

function formatCounts({ counts }: DigestSummary): string {
  const { planned, ...states } = counts;
  const parts = Object.entries(states).filter(([, count]) => count > 0);
  return `planned ${planned} = ${parts.map(([state, count]) => `${state} ${count}`).join(' + ') || '0'}`;
}
