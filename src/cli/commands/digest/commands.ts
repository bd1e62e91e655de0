import { InvalidArgumentError, type Command } from 'commander';
import type { ReadConfig } from '../../read-config.js';
import { areReleased } from '../../../articles/reads.js';
import { summariseDigest, summariseDigests, type DigestSummary } from '../../../dashboard/overview.js';
import { sendOperatorDigest } from '../../../deliveries/plan/operator-digest.js';
import { listDigests } from '../../../digests/reads.js';
import type { Context } from '../../../platform/context.js';
import { HOUR_MS } from '../../../platform/durations.js';
import type { Publication } from '../../../publications/publication.js';
import { confirmOrAbort } from '../../confirm-prompt.js';
import { chooseDigest } from './choose-digest.js';
import { choosePublication } from '../../choose-publication.js';
import { digestControlCommands } from './controls.js';
import { previewAll, previewForReader, type PreviewOptions } from './preview.js';
import { print, table } from '../../output.js';
import { countReaders } from './count-readers.js';
import { CliError } from '../../cli-error.js';
import { withContext } from '../../servers.js';

type Options = { json?: boolean; publication?: string };
type SendOptions = Options & {
  article?: string[];
  again?: boolean;
  subject?: string;
  note?: string;
  at?: Date | undefined;
  yes?: boolean;
};

export function digestCommands(paperround: Command, config: ReadConfig): void {
  const digest = paperround.command('digest').description('what goes out, and what became of it');

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
    .action(async (options: SendOptions) => {
      const sent = await withContext(config(), async (context) => {
        const publication = await choosePublication(context, options.publication);
        const order = await readOrder(context, publication, options);
        if (options.yes !== true) await confirmIfRepeated(context, publication);
        return sendOperatorDigest(context, publication.id, order);
      });
      if (sent.kind === 'nobody-due') throw new CliError('Nobody is due anything. No digest was made.');
      const { articleIds } = sent.forecast;
      print(options, { id: sent.digestId, ...sent.forecast }, [
        `Digest ${sent.digestId}: ${articleIds.length} articles to ${countReaders(sent.forecast)}, sent by the running worker` +
          (options.at === undefined ? '.' : ` from ${options.at.toISOString()} on.`),
      ]);
    });

  digest
    .command('list')
    .description('the newest digests')
    .option('--publication <slug>', 'which one')
    .option('--json', 'answer as JSON')
    .action(async (options: Options) => {
      const digests = await withContext(config(), async (context) => {
        const { id } = await choosePublication(context, options.publication);
        return summariseDigests(context, id, 50);
      });
      print(
        options,
        digests,
        digests.length === 0 ? ['There is no digest yet.'] : table(digests.map(digestRow)),
      );
    });

  digest
    .command('show')
    .description('one digest and its ledger')
    .argument('<id>', 'its id, or as much of it as is needed')
    .option('--json', 'answer as JSON')
    .action(async (id: string, options: Options) => {
      const shown = await withContext(config(), async (context) =>
        summariseDigest(context, await chooseDigest(context, id)),
      );
      const { subject, state, reason } = shown;
      const why = reason === null ? [] : [`${state}: ${reason}`];
      print(options, shown, [subject ?? 'Being prepared', formatCounts(shown), ...why]);
    });

  digestControlCommands(digest, config);
}

function parseTime(text: string): Date {
  const at = new Date(text);
  if (Number.isNaN(at.getTime())) throw new InvalidArgumentError('It is a moment like 2026-11-22T07:00:00Z.');
  return at;
}

async function readOrder(
  { db }: Context,
  publication: Publication,
  { article, again = false, subject, note, at }: SendOptions,
) {
  const ids = [...new Set(article)];
  const wellFormed = ids.every((id) => /^[0-9a-f-]{36}$/.test(id));
  if (!wellFormed || !(await areReleased(db, publication.id, ids))) {
    throw new CliError(
      'Nothing was sent. Every --article must be the id of a released article of this publication.',
      2,
    );
  }
  const words = { subject: subject ?? null, note: note ?? null };
  return { articleIds: article === undefined ? null : ids, again, ...words, sendAt: at };
}

/** A second operator's digest within the hour is asked about: it is more often a slip than a wish. */
async function confirmIfRepeated(context: Context, publication: Publication): Promise<void> {
  const before = (await listDigests(context.db, publication.id, 20)).find(
    ({ cadence }) => cadence === 'operator',
  );
  const age = before === undefined ? Infinity : context.now().getTime() - before.createdAt.getTime();
  if (age > HOUR_MS) return;
  const minutes = Math.round(age / 60_000);
  await confirmOrAbort(
    `A digest was sent ${minutes} minutes ago. Send what is new since?`,
    'Nothing was sent.',
  );
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
