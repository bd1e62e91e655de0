import type { Article } from '../../articles/article.js';
import { truncateAfterSentence } from '../../articles/clean/clean-text.js';
import { readingMinutes } from '../../articles/clean/excerpt.js';
import type { TemplateData } from '../../platform/templates/templates.js';
import type { Publication } from '../../publications/publication.js';
import { namesFirst } from '../../publications/subject-template.js';
import { articleText } from './article-text.js';
import { cutBlocks } from './cut-blocks.js';
import { ownSubject } from './own-subject.js';
import type { DigestWords } from '../digest.js';
import type { EditorNote } from './editor-note.js';
import { placeholder } from './placeholders.js';
import { markNewsletterLink } from './newsletter-link.js';

/** How much of the articles a mail shows. */
export type SizeLimits = {
  /** The longest text that is shown whole, in UTF-16 units of its HTML; 0: excerpts only. */
  maxTextLength: number;
  images: boolean;
  /** In UTF-16 units. */
  maxExcerptLength: number;
  maxArticles: number;
};

/** The operator's own words, where there are any; those above and below the articles are rendered from their Markdown. */
export type OperatorText = Pick<DigestWords, 'subject' | 'preheader'> & {
  note: EditorNote | null;
  outro: EditorNote | null;
  /** Ids of articles that are kept before others when some have to be left out. */
  kept: readonly string[];
};

/** Longer digests show the newest, and end with "and N more". */
export const MAX_ARTICLES = 15;

/** What a digest is made of. */
export type DigestInput = {
  publication: Publication;
  articles: readonly Article[];
  operatorText: OperatorText;
  date: Date;
  archiveUrl: string | null;
};

/** The input with everything computed that takes long, because fitting a mail composes it several times. */
export type DigestContent = Omit<DigestInput, 'articles'> & {
  shown: readonly ShownArticle[];
  /** Of all articles, also those that are not shown. */
  count: number;
  from: Date | null;
  to: Date | null;
};

type ShownArticle = Pick<
  Article,
  'id' | 'title' | 'url' | 'summary' | 'contentHtml' | 'authors' | 'publishedAt' | 'image'
> & { contentText: string; readingMinutes: number };

export function prepareContent({ articles, ...rest }: DigestInput): DigestContent {
  const shown = keepShown(articles, MAX_ARTICLES, rest.operatorText.kept).map((article) =>
    toShownArticle(article, rest.publication),
  );
  const times = articles.map(({ publishedAt, firstSeenAt }) => (publishedAt ?? firstSeenAt).getTime());
  if (times.length === 0) return { ...rest, shown, count: 0, from: null, to: null };
  const [from, to] = [new Date(Math.min(...times)), new Date(Math.max(...times))];
  return { ...rest, shown, count: articles.length, from, to };
}

/** So many: those that an operator placed, and the last of the others, which are the newest. Their order stays. */
export function keepShown<Each extends { id: string }>(
  articles: readonly Each[],
  max: number,
  kept: readonly string[],
): Each[] {
  if (articles.length <= max) return [...articles];
  const isPlaced = ({ id }: Each) => kept.includes(id);
  const placed = articles.filter(isPlaced).slice(0, max);
  const others = articles.filter((article) => !isPlaced(article));
  const shown = new Set([...placed, ...others.slice(others.length - (max - placed.length))]);
  return articles.filter((article) => shown.has(article));
}

/** An article as the templates know it; its plain text, which takes longest, is made here. */
function toShownArticle(article: Article, { contentMode, siteUrl }: Publication): ShownArticle {
  const { id, title, summary, contentHtml, authors, publishedAt, image } = article;
  const url = markNewsletterLink(article.url, siteUrl);
  const contentText = contentMode === 'full' ? articleText(contentHtml) : '';
  const content = { contentHtml, contentText, readingMinutes: readingMinutes(contentHtml) };
  return { id, title, url, summary, authors, publishedAt, image, ...content };
}

/** What the digest's templates are given. */
export function toTemplateData(content: DigestContent, limits: SizeLimits): TemplateData {
  const { publication, operatorText, date, archiveUrl, count, from, to } = content;
  const shown = keepShown(content.shown, limits.maxArticles, operatorText.kept);
  return {
    publication,
    date,
    from,
    to,
    archiveUrl,
    contentMode: limits.maxTextLength > 0 ? 'full' : 'summary',
    ownSubject: operatorText.subject ?? ownSubject(publication, { first: shown[0]?.title, count, date }),
    note: operatorText.note,
    outro: operatorText.outro,
    preheader: preheader(shown, operatorText, publication),
    articles: shown.map((article) =>
      limitArticle(count === 1 ? cutArticleToFit(article, limits) : article, limits),
    ),
    more: count - shown.length,
    unsubscribeUrl: placeholder('unsubscribeUrl'),
    manageUrl: placeholder('manageUrl'),
    email: placeholder('email'),
    how: placeholder('how'),
    moved: placeholder('moved'),
    rhythm: placeholder('rhythm'),
  };
}

/** About what the widest inbox shows. */
const MAX_PREHEADER_LENGTH = 120;

/** Continues where the subject ends: the operator's note, the only article's beginning, or the other titles. */
function preheader(
  articles: readonly ShownArticle[],
  { subject, preheader: own, note }: OperatorText,
  { subjectTemplate }: Pick<Publication, 'subjectTemplate'>,
): string {
  const [first, ...others] = articles;
  const hasFirst = subject === null && (subjectTemplate === null || namesFirst(subjectTemplate));
  const titles = (hasFirst ? others : articles).map(({ title }) => title).join(' · ');
  const text = own ?? note?.line ?? (others.length === 0 ? (first?.summary ?? '') : titles);
  return truncateAfterSentence(text.replace(/\s+/g, ' ').trim(), MAX_PREHEADER_LENGTH);
}

function limitArticle(
  article: ShownArticle,
  { maxTextLength, images, maxExcerptLength }: SizeLimits,
): TemplateData {
  const isWhole = article.contentHtml.length <= maxTextLength;
  return {
    ...article,
    summary: truncateAfterSentence(article.summary, maxExcerptLength),
    contentHtml: isWhole ? article.contentHtml : null,
    contentText: isWhole ? article.contentText : null,
    image: images && !(isWhole && contentShowsImage(article)) ? article.image : null,
  };
}

/** Alone in its mail, a text that is too long is cut after the last block that fits; the button leads to the rest. */
function cutArticleToFit(article: ShownArticle, { maxTextLength }: SizeLimits): ShownArticle {
  const contentHtml = cutBlocks(article.contentHtml, maxTextLength);
  if (contentHtml === article.contentHtml || contentHtml === '') return article;
  return { ...article, contentHtml, contentText: articleText(contentHtml) };
}

const OPENING_IMAGE = /^(?:\s|<(?:p|div|figure|a)\b[^>]*>)*<img\b/i;

/** Whether its whole text begins with an image or contains the article's own: shown above it, it would be there twice. */
function contentShowsImage({ contentHtml, image }: ShownArticle): boolean {
  if (OPENING_IMAGE.test(contentHtml)) return true;
  const ownFile = imageFileName(image ?? '');
  return Array.from(contentHtml.matchAll(/<img src="([^"]*)"/g), ([, src = '']) =>
    imageFileName(src),
  ).includes(ownFile);
}

/** An image's address without its size, which WordPress appends to the name and image servers put into the query. */
function imageFileName(address: string): string {
  return address.replace(/[?#].*$/, '').replace(/-\d+x\d+(?=\.\w+$)/, '');
}
