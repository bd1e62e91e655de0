import { createInterface } from 'node:readline/promises';
import { InvalidArgumentError, type Command } from 'commander';
import type { ReadConfig } from './read-config.js';
import { findArticles } from '../articles/reads.js';
import { summariseDigest, summariseDigests, type DigestSummary } from '../dashboard/overview.js';
import { forecast, type Forecast } from '../deliveries/forecast.js';
import { previewReader } from '../deliveries/preview-reader.js';
import { sendDigest } from '../deliveries/send-digest.js';
import type { Mailing } from '../digests/due.js';
import { findDigest, listDigests } from '../digests/reads.js';
import { writeMail } from '../digests/render.js';
import { fillHtml, fillText, type SlotValues } from '../digests/slots.js';
import type { Config } from '../platform/config.js';
import type { Context } from '../platform/context.js';
import type { Publication } from '../publications/publication.js';
import { choosePublication } from './choose-publication.js';
import { print, table } from './output.js';
import { Refusal } from './refusal.js';
import { withContext } from './servers.js';

type Options = { json?: boolean; publication?: string };
type PreviewOptions = Options & { reader?: string; at?: Date | undefined; html?: boolean };

/** A second operator's digest this soon is asked about: it is more often a slip than a wish. */
const SOON_MS = 3600_000;

export function digestCommands(paperround: Command, config: ReadConfig): void {
  const digest = paperround.command('digest').description('what goes out, and what became of it');

  digest
    .command('preview')
    .description('what would go out, to whom, and why; nothing is sent')
    .option('--publication <slug>', 'which one')
    .option('--reader <address>', 'what this reader gets')
    .option('--at <time>', 'at this moment (ISO 8601), instead of now', moment)
    .option('--html', 'print the HTML part instead of the text')
    .option('--json', 'answer as JSON')
    .action(async ({ reader, at, ...options }: PreviewOptions) => {
      if (reader !== undefined) return previewFor(config(), { reader, at, ...options });
      if (at !== undefined) throw new Refusal('--at needs --reader: each reader has a time of her own.', 2);
      return previewAll(config(), options);
    });

  digest
    .command('send')
    .description('send every confirmed reader what she is due, now')
    .option('--publication <slug>', 'which one')
    .option('--yes', 'do not ask')
    .option('--json', 'answer as JSON')
    .action(async (options: Options & { yes?: boolean }) => {
      const sent = await withContext(config(), async (context) => {
        const publication = await choosePublication(context, options.publication);
        if (options.yes !== true) await askIfRepeated(context, publication);
        return sendDigest(context, publication.id);
      });
      if (sent.kind === 'nobody-due') throw new Refusal('Nobody is due anything. No digest was made.');
      const { articleIds } = sent.forecast;
      print(options, { id: sent.digestId, ...sent.forecast }, [
        `Digest ${sent.digestId}: ${articleIds.length} articles to ${readersOf(sent.forecast)}, sent by the running worker.`,
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
      print(options, digests, digests.length === 0 ? ['There is no digest yet.'] : table(digests.map(row)));
    });

  digest
    .command('show')
    .description('one digest and its ledger')
    .argument('<id>')
    .option('--json', 'answer as JSON')
    .action(async (id: string, options: Options) => {
      if (!/^[0-9a-f-]{36}$/.test(id)) throw new Refusal(`That is not the id of a digest: ${id}`, 2);
      const shown = await withContext(config(), async (context) => {
        const found = await findDigest(context.db, id);
        return found && summariseDigest(context, found);
      });
      if (shown === undefined) throw new Refusal('There is no such digest.');
      print(options, shown, [shown.subject ?? 'Being prepared', ledger(shown)]);
    });
}

/** Stands where each reader's own values will. */
const sample: SlotValues = {
  unsubscribeUrl: 'https://example.com/unsubscribe/her-own-link',
  email: 'reader@example.com',
  confirmedOn: '(the day she confirmed)',
};

async function previewAll(config: Config, options: PreviewOptions): Promise<void> {
  const preview = await withContext(config, async (context) => {
    const publication = await choosePublication(context, options.publication);
    const expected = await forecast(context, publication.id);
    if (expected.readers === 0) return undefined;
    const mail = await writeMail(context, publication, publication.locale, expected.articleIds);
    return {
      ...expected,
      subject: mail.subject,
      text: fillText(mail.text, sample),
      html: fillHtml(mail.html, sample),
    };
  });
  if (preview === undefined) throw new Refusal('Nobody is due anything now.');
  const { subject, text, html } = preview;
  print(options, preview, [
    `For ${readersOf(preview)}`,
    `Subject: ${subject}`,
    '',
    options.html ? html : text,
  ]);
}

async function previewFor(config: Config, options: PreviewOptions & { reader: string }): Promise<void> {
  const preview = await withContext(config, async (context) => {
    const publication = await choosePublication(context, options.publication);
    const found = await previewReader(context, publication, options.reader, options.at);
    if (found === undefined) throw new Refusal(`${publication.name} has no subscription of that address.`);
    const articles = await findArticles(
      context.db,
      found.mailings.flatMap((mailing) => articleIds(mailing)),
    );
    return { ...found, titles: Object.fromEntries(articles.map(({ id, title }) => [id, title])) };
  });
  const { why, mailings, nextDueAt, titles } = preview;
  print(options, preview, [
    why,
    ...mailings.flatMap((mailing) => [
      `${mailing.cadence} ${mailing.period}`,
      ...articleIds(mailing).map((id) => `  ${titles[id] ?? id}`),
    ]),
    ...(nextDueAt === null ? [] : [`Due next: ${nextDueAt.toISOString()}`]),
  ]);
}

function articleIds(mailing: Mailing): string[] {
  return mailing.articles.map((article) => article.id);
}

function moment(text: string): Date {
  const at = new Date(text);
  if (Number.isNaN(at.getTime())) throw new InvalidArgumentError('It is a moment like 2026-11-22T07:00:00Z.');
  return at;
}

async function askIfRepeated(context: Context, publication: Publication): Promise<void> {
  if (!process.stdin.isTTY) return;
  const before = (await listDigests(context.db, publication.id, 20)).find(
    ({ cadence }) => cadence === 'operator',
  );
  const age = before === undefined ? Infinity : context.now().getTime() - before.createdAt.getTime();
  if (age > SOON_MS) return;
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  const minutes = Math.round(age / 60_000);
  const answer = await terminal.question(
    `A digest was sent ${minutes} minutes ago. Send what is new since? [y/N] `,
  );
  terminal.close();
  if (!/^y(es)?$/i.test(answer.trim())) throw new Refusal('Nothing was sent.');
}

function readersOf({ readers, more }: Forecast): string {
  return `${more ? 'at least ' : ''}${readers} ${readers === 1 ? 'reader' : 'readers'}`;
}

function row(digest: DigestSummary): string[] {
  return [
    digest.id,
    digest.cadence,
    digest.period.slice(0, 10),
    digest.state,
    ledger(digest),
    digest.subject ?? '',
  ];
}

function ledger({ counts }: DigestSummary): string {
  const { planned, ...states } = counts;
  const parts = Object.entries(states).filter(([, count]) => count > 0);
  return `planned ${planned} = ${parts.map(([state, count]) => `${state} ${count}`).join(' + ') || '0'}`;
}
