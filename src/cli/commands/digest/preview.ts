import type { Article } from '../../../articles/article.js';
import { findArticles } from '../../../articles/reads.js';
import { forecastDigest, type Forecast } from '../../../deliveries/plan/forecast.js';
import { previewReader } from '../../../deliveries/plan/preview-reader.js';
import type { DueDigest } from '../../../digests/calendar/due.js';
import { DEFAULT_ORDER } from '../../../digests/digest.js';
import { describeMailSize } from '../../../digests/compose/mail-size.js';
import { fillHtml, fillText, type PlaceholderValues } from '../../../digests/compose/placeholders.js';
import { composeMail } from '../../../digests/compose/compose-mail.js';
import type { Config } from '../../../platform/config.js';
import type { Context } from '../../../platform/context.js';
import type { Publication } from '../../../publications/publication.js';
import { choosePublication } from '../../choose-publication.js';
import { resolveMoment, type TypedMoment } from '../../moment.js';
import { print } from '../../output.js';
import { parseId } from '../../parse-id.js';
import { countReaders } from './count-readers.js';
import { CliError } from '../../cli-error.js';
import { withContext } from '../../servers.js';

export type PreviewOptions = {
  json?: boolean;
  publication?: string;
  reader?: string;
  at?: TypedMoment | undefined;
  article?: string[];
  html?: boolean;
};

/** Shown in place of each reader's own values. */
const sampleValues: PlaceholderValues = {
  unsubscribeUrl: 'https://example.com/unsubscribe/her-own-link',
  manageUrl: 'https://example.com/manage/her-own-link',
  email: 'reader@example.com',
  confirmedOn: '(the day she confirmed)',
  how: '(how her address came to the newsletter, and when)',
  moved: '',
  rhythm: '(how often, and when)',
};

/** Prints the mail with what is new to any reader, or with chosen articles. */
export async function previewAll(config: Config, options: PreviewOptions): Promise<void> {
  const chosen = options.article?.map((id) => parseId(id, { what: 'an article', list: 'article list' }));
  const preview = await withContext(config, async (context) => {
    const publication = await choosePublication(context, options.publication);
    const expected = await (chosen === undefined
      ? forecastDue(context, publication)
      : forecastChosen(context, publication, [...new Set(chosen)]));
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
  const { subject, text, html, size, readers } = preview;
  print(options, preview, [
    readers === 0 ? 'For nobody as of now' : `For ${countReaders(preview)}`,
    `Subject: ${subject}`,
    size.explanation,
    '',
    options.html ? html : text,
  ]);
}

async function forecastDue(context: Context, { id }: Publication): Promise<Forecast> {
  const expected = await forecastDigest(context, id);
  if (expected.readers === 0)
    throw new CliError(
      'Nobody is due anything now. To see a mail with an article all the same: --article ID, as article list shows it.',
    );
  return expected;
}

/** Of articles in any state, since it is before an article goes out that somebody wants to see it. */
async function forecastChosen(context: Context, { id }: Publication, ids: string[]): Promise<Forecast> {
  const found = (await findArticles(context.db, ids)).filter(({ publicationId }) => publicationId === id);
  if (found.length < ids.length)
    throw new CliError(
      'Every --article must be the id of an article of this publication. See them with: paperround article list',
      2,
    );
  const { readers, more } = await forecastDigest(context, id, { ...DEFAULT_ORDER, articleIds: ids });
  return { readers, more, articleIds: found.toSorted(byNumber).map((article) => article.id) };
}

/** As a digest has them; those that are not released come last. */
function byNumber(one: Article, other: Article): number {
  return (one.seq ?? Number.MAX_SAFE_INTEGER) - (other.seq ?? Number.MAX_SAFE_INTEGER);
}

/** Prints what one reader gets at one moment, and why. */
export async function previewForReader(
  config: Config,
  options: PreviewOptions & { reader: string },
): Promise<void> {
  const { assumed, ...preview } = await withContext(config, async (context) => {
    const publication = await choosePublication(context, options.publication);
    const moment = options.at === undefined ? undefined : resolveMoment(options.at, publication);
    const found = await previewReader(context, publication, options.reader, moment?.at);
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
      assumed: moment?.assumed,
    };
  });
  const { why, mailings, nextDueAt, titles } = preview;
  print(options, preview, [
    ...(assumed === undefined ? [] : [assumed]),
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
