import { findArticles } from '../articles/reads.js';
import { forecast } from '../deliveries/forecast.js';
import { previewReader } from '../deliveries/preview-reader.js';
import type { Mailing } from '../digests/due.js';
import { sizeInWords } from '../digests/mail-size.js';
import { fillHtml, fillText, type SlotValues } from '../digests/slots.js';
import { writeMail } from '../digests/write-mail.js';
import type { Config } from '../platform/config.js';
import { choosePublication } from './choose-publication.js';
import { print } from './output.js';
import { readersOf } from './readers-of.js';
import { Refusal } from './refusal.js';
import { withContext } from './servers.js';

export type PreviewOptions = {
  json?: boolean;
  publication?: string;
  reader?: string;
  at?: Date | undefined;
  html?: boolean;
};

/** Stands where each reader's own values will. */
const sample: SlotValues = {
  unsubscribeUrl: 'https://example.com/unsubscribe/her-own-link',
  manageUrl: 'https://example.com/manage/her-own-link',
  email: 'reader@example.com',
  confirmedOn: '(the day she confirmed)',
};

export async function previewAll(config: Config, options: PreviewOptions): Promise<void> {
  const preview = await withContext(config, async (context) => {
    const publication = await choosePublication(context, options.publication);
    const expected = await forecast(context, publication.id);
    if (expected.readers === 0) return undefined;
    const { locale } = publication;
    const { articleIds } = expected;
    const mail = await writeMail(context, { publication, locale, articleIds, date: context.now() });
    return {
      ...expected,
      subject: mail.subject,
      text: fillText(mail.text, sample),
      html: fillHtml(mail.html, sample),
      size: { ...mail.size, explanation: sizeInWords(mail.size) },
    };
  });
  if (preview === undefined) throw new Refusal('Nobody is due anything now.');
  const { subject, text, html, size } = preview;
  print(options, preview, [
    `For ${readersOf(preview)}`,
    `Subject: ${subject}`,
    size.explanation,
    '',
    options.html ? html : text,
  ]);
}

/** What one reader gets at one moment, and why. */
export async function previewFor(
  config: Config,
  options: PreviewOptions & { reader: string },
): Promise<void> {
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
