import type { Article } from '../../articles/article.js';
import { truncateAfterSentence } from '../../articles/clean/clean-text.js';
import { readingMinutes } from '../../articles/clean/excerpt.js';
import type { TemplateData } from '../../platform/templates/templates.js';
import type { Publication } from '../../publications/publication.js';
import { articleText } from './article-text.js';
import { cutBlocks } from './cut-blocks.js';
import type { DigestOrder } from '../digest.js';
import type { EditorNote } from './editor-note.js';
import { placeholder } from './placeholders.js';
import { markNewsletterLink } from './newsletter-link.js';

/** How much of the articles a mail shows. */
export type SizeLimits = {
  /** The longest text that is shown whole, in UTF-16 units of its HTML; 0: excerpts only. */
  full: number;
  pictures: boolean;
  excerpt: number;
  articles: number;
};

/** What an operator wrote herself, where she did; her note as it is read from its Markdown. */
export type OperatorText = Pick<DigestOrder, 'subject'> & { note: EditorNote | null };

/** Longer digests show the newest, and end with "and N more". */
export const MAX_ARTICLES = 15;

/** What a digest is made of. */
export type DigestInput = {
  publication: Publication;
  articles: readonly Article[];
  own: OperatorText;
  date: Date;
  archiveUrl: string | null;
};

/** The same with everything worked out that takes long, however often the mail is written. */
export type DigestContent = Omit<DigestInput, 'articles'> & {
  shown: readonly ShownArticle[];
  /** Of all articles, also those that are not shown. */
  count: number;
  from: Date | null;
  to: Date | null;
};

type ShownArticle = Pick<
  Article,
  'title' | 'url' | 'summary' | 'contentHtml' | 'authors' | 'publishedAt' | 'image'
> & { contentText: string; readingMinutes: number };

export function prepareContent({ articles, ...rest }: DigestInput): DigestContent {
  const shown = articles.slice(-MAX_ARTICLES).map((article) => toShownArticle(article, rest.publication));
  const times = articles.map(({ publishedAt, firstSeenAt }) => (publishedAt ?? firstSeenAt).getTime());
  if (times.length === 0) return { ...rest, shown, count: 0, from: null, to: null };
  const [from, to] = [new Date(Math.min(...times)), new Date(Math.max(...times))];
  return { ...rest, shown, count: articles.length, from, to };
}

/** An article as the templates know it, with the long way to its plain text behind it. */
function toShownArticle(article: Article, { contentMode, siteUrl }: Publication): ShownArticle {
  const { title, summary, contentHtml, authors, publishedAt, image } = article;
  const url = markNewsletterLink(article.url, siteUrl);
  const contentText = contentMode === 'full' ? articleText(contentHtml) : '';
  const content = { contentHtml, contentText, readingMinutes: readingMinutes(contentHtml) };
  return { title, url, summary, authors, publishedAt, image, ...content };
}

/** What the digest's templates are given. */
export function toTemplateData(material: DigestContent, measure: SizeLimits): TemplateData {
  const { publication, own, date, archiveUrl, count, from, to } = material;
  const shown = measure.articles === 0 ? [] : material.shown.slice(-measure.articles);
  return {
    publication,
    date,
    from,
    to,
    archiveUrl,
    contentMode: measure.full > 0 ? 'full' : 'summary',
    ownSubject: own.subject,
    note: own.note,
    preheader: preheader(shown, own),
    articles: shown.map((article) =>
      limitArticle(count === 1 ? cutArticleToFit(article, measure) : article, measure),
    ),
    more: count - shown.length,
    unsubscribeUrl: placeholder('unsubscribeUrl'),
    manageUrl: placeholder('manageUrl'),
    email: placeholder('email'),
    confirmedOn: placeholder('confirmedOn'),
  };
}

const MAX_PREHEADER_LENGTH = 90;

/** Goes on where the subject ends: an operator's words, the article's beginning, or the other titles. */
function preheader(articles: readonly ShownArticle[], { subject, note }: OperatorText): string {
  const [first, ...others] = articles;
  const titles = (subject === null ? others : articles).map(({ title }) => title).join(' · ');
  const words = note?.line ?? (others.length === 0 ? (first?.summary ?? '') : titles);
  return truncateAfterSentence(words.replace(/\s+/g, ' ').trim(), MAX_PREHEADER_LENGTH);
}

function limitArticle(article: ShownArticle, { full, pictures, excerpt }: SizeLimits): TemplateData {
  const whole = article.contentHtml.length <= full;
  return {
    ...article,
    summary: truncateAfterSentence(article.summary, excerpt),
    contentHtml: whole ? article.contentHtml : null,
    contentText: whole ? article.contentText : null,
    image: pictures && !(whole && contentShowsImage(article)) ? article.image : null,
  };
}

/** Alone in its mail, a text that is too long is told as far as there is room; the button leads to the rest. */
function cutArticleToFit(article: ShownArticle, { full }: SizeLimits): ShownArticle {
  const contentHtml = cutBlocks(article.contentHtml, full);
  if (contentHtml === article.contentHtml || contentHtml === '') return article;
  return { ...article, contentHtml, contentText: articleText(contentHtml) };
}

const OPENING_IMAGE = /^(?:\s|<(?:p|div|figure|a)\b[^>]*>)*<img\b/i;

/** Its whole text begins with a picture, or has its own one further down: it would be there twice. */
function contentShowsImage({ contentHtml, image }: ShownArticle): boolean {
  if (OPENING_IMAGE.test(contentHtml)) return true;
  const own = imageFileName(image ?? '');
  return Array.from(contentHtml.matchAll(/<img src="([^"]*)"/g), ([, src = '']) =>
    imageFileName(src),
  ).includes(own);
}

/** Whatever its size: WordPress puts it behind the name, image servers into the query. */
function imageFileName(address: string): string {
  return address.replace(/[?#].*$/, '').replace(/-\d+x\d+(?=\.\w+$)/, '');
}
