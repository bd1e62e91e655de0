import { findArticles } from '../../../articles/reads.js';
import { forecastDigest } from '../../../deliveries/plan/forecast.js';
import { previewReader } from '../../../deliveries/plan/preview-reader.js';
import type { DueDigest } from '../../../digests/calendar/due.js';
import { describeMailSize } from '../../../digests/compose/mail-size.js';
import { fillHtml, fillText, type PlaceholderValues } from '../../../digests/compose/placeholders.js';
import { composeMail } from '../../../digests/compose/compose-mail.js';
import type { Config } from '../../../platform/config.js';
import { choosePublication } from '../../choose-publication.js';
import { print } from '../../output.js';
import { countReaders } from './count-readers.js';
import { CliError } from '../../cli-error.js';
import { withContext } from '../../servers.js';

export type PreviewOptions = {
  json?: boolean;
  publication?: string;
  reader?: string;
  at?: Date | undefined;
  html?: boolean;
};

/** Shown in place of each reader's own values. */
const sampleValues: PlaceholderValues = {
  unsubscribeUrl: 'https://example.com/unsubscribe/her-own-link',
  manageUrl: 'https://example.com/manage/her-own-link',
  email: 'reader@example.com',
  confirmedOn: '(the day she confirmed)',
};

export async function previewAll(config: Config, options: PreviewOptions): Promise<void> {
  const preview = await withContext(config, async (context) => {
    const publication = await choosePublication(context, options.publication);
    const expected = await forecastDigest(context, publication.id);
    if (expected.readers === 0) return undefined;
    const { locale } = publication;
    const { articleIds } = expected;
    const mail = await composeMail(context, { publication, locale, articleIds, date: context.now() });
    return {
      ...expected,
      subject: mail.subject,
      text: fillText(mail.text, sampleValues),
      html: fillHtml(mail.html, sampleValues),
      size: { ...mail.size, explanation: describeMailSize(mail.size, context.templates.operatorWords) },
    };
  });
  if (preview === undefined) throw new CliError('Nobody is due anything now.');
  const { subject, text, html, size } = preview;
  print(options, preview, [
    `For ${countReaders(preview)}`,
    `Subject: ${subject}`,
    size.explanation,
    '',
    options.html ? html : text,
  ]);
}

/** Prints what one reader gets at one moment, and why. */
export async function previewForReader(
  config: Config,
  options: PreviewOptions & { reader: string },
): Promise<void> {
  const preview = await withContext(config, async (context) => {
    const publication = await choosePublication(context, options.publication);
    const found = await previewReader(context, publication, options.reader, options.at);
    if (found === undefined) throw new CliError(`${publication.name} has no subscription of that address.`);
    const articles = await findArticles(
      context.db,
      found.digests.flatMap((mailing) => articleIds(mailing)),
    );
    const { reader, at, digests: mailings, ...rest } = found;
    return {
      reader,
      at,
      mailings,
      ...rest,
      titles: Object.fromEntries(articles.map(({ id, title }) => [id, title])),
    };
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

function articleIds(mailing: DueDigest): string[] {
  return mailing.articles.map((article) => article.id);
}
