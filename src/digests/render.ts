import type { Article } from '../articles/article.js';
import { plainText, readingMinutes } from '../articles/excerpt.js';
import { findArticles } from '../articles/reads.js';
import type { Context } from '../platform/context.js';
import type { Publication } from '../publications/publication.js';
import { composeTemplate } from '../platform/mail/compose-template.js';
import { openTemplate, type MessageTemplate } from '../platform/mail/message-template.js';
import type { Digest, DigestOrder, Variant } from './digest.js';
import { findVariant } from './reads.js';
import { slot, withoutSlots } from './slots.js';
import { variantMail } from './variant-mail.js';
import { keepRendering } from './writes.js';

/** Longer digests end with "and N more on the site". */
const MOST_ARTICLES = 15;
/** Gmail clips somewhere above 100 KB; nothing of ours comes near. */
const MOST_HTML_BYTES = 90_000;

/**
 * A variant's message, ready to be filled: rendered once, at first send, and kept; every reader and every retry gets the
 * same. Two workers that render at the same time both continue with what the first one stored.
 */
export async function openVariant(
  context: Pick<Context, 'db' | 'now' | 'publicUrl' | 'templates'>,
  publication: Publication,
  digest: Pick<Digest, 'id' | 'cadence' | 'subject' | 'note'>,
  variantId: string,
): Promise<MessageTemplate> {
  const { db, templates } = context;
  const variant = await readVariant(db, variantId);
  const mime = variant.mime ?? (await renderAndKeep(context, { publication, digest }, variantId, variant));
  return openTemplate(mime, templates.resolve(variant.locale));
}

async function renderAndKeep(
  { db, now, publicUrl, templates }: Pick<Context, 'db' | 'now' | 'publicUrl' | 'templates'>,
  of: { publication: Publication; digest: Pick<Digest, 'id' | 'cadence' | 'subject' | 'note'> },
  variantId: string,
  { locale, articleIds }: Pick<Variant, 'locale' | 'articleIds'>,
): Promise<Buffer> {
  const date = now();
  const words = await writeMail({ db, templates }, of.publication, locale, articleIds, of.digest);
  const mime = composeTemplate(variantMail(publicUrl, of, words, date));
  await db.transaction((tx) => keepRendering(tx, variantId, { ...words, mime }, date));
  const kept = await readVariant(db, variantId);
  if (kept.mime === null) throw new Error(`Variant ${variantId} lost its rendering`);
  return kept.mime;
}

/**
 * The mail that these articles make, with slots for what differs per reader. Trimmed until its HTML fits: first the
 * full texts become summaries, then pictures go, then articles.
 */
export async function writeMail(
  { db, templates }: Pick<Context, 'db' | 'templates'>,
  publication: Publication,
  locale: string,
  articleIds: string[],
  words: OwnWords = NO_WORDS,
): Promise<{ subject: string; html: string; text: string }> {
  const articles = withoutSlots(inOrder(await findArticles(db, articleIds), articleIds));
  const publisher = withoutSlots(publication);
  const render = (trim: Trim) =>
    templates.email('digest', locale, mailData(publisher, articles, trim, withoutSlots(words)));
  let mail = render(trims(publication)[0]);
  for (const trim of trims(publication).slice(1)) {
    if (Buffer.byteLength(mail.html) <= MOST_HTML_BYTES) break;
    mail = render(trim);
  }
  return mail;
}

function trims({ contentMode }: Publication): readonly [Trim, ...Trim[]] {
  return [
    { contentMode, pictures: true, most: MOST_ARTICLES },
    { contentMode: 'summary', pictures: true, most: MOST_ARTICLES },
    { contentMode: 'summary', pictures: false, most: MOST_ARTICLES },
    { contentMode: 'summary', pictures: false, most: 3 },
  ];
}

/** What an operator wrote herself, where she did. */
type OwnWords = Pick<DigestOrder, 'subject' | 'note'>;

const NO_WORDS: OwnWords = { subject: null, note: null };

type Trim = { contentMode: 'summary' | 'full'; pictures: boolean; most: number };

function mailData(publication: Publication, articles: readonly Article[], trim: Trim, words: OwnWords) {
  const shown = articles.slice(0, trim.most);
  return {
    publication,
    zone: publication.timezone,
    contentMode: trim.contentMode,
    title: words.subject ?? articles[0]?.title ?? publication.name,
    preheader: words.note ?? shown[0]?.summary ?? '',
    articles: shown.map((article) => articleData(article, trim)),
    more: articles.length - shown.length,
    note: words.note,
    archiveUrl: null,
    unsubscribeUrl: slot('unsubscribeUrl'),
    email: slot('email'),
    confirmedOn: slot('confirmedOn'),
  };
}

function articleData(article: Article, trim: Trim) {
  const { title, url, summary, contentHtml, authors, publishedAt, image } = article;
  return {
    title,
    url,
    summary,
    authors,
    publishedAt,
    contentHtml: trim.contentMode === 'full' ? contentHtml : null,
    contentText: trim.contentMode === 'full' ? plainText(contentHtml) : null,
    image: trim.pictures ? image : null,
    readingMinutes: readingMinutes(contentHtml),
  };
}

/** Articles in the order of the variant's list; one that was erased meanwhile is left out. */
function inOrder(articles: Article[], ids: string[]): Article[] {
  const byId = new Map(articles.map((article) => [article.id, article]));
  return ids.map((id) => byId.get(id)).filter((article) => article !== undefined);
}

async function readVariant(db: Context['db'], id: string) {
  const variant = await findVariant(db, id);
  if (variant === undefined) throw new Error(`There is no variant ${id}`);
  return variant;
}
