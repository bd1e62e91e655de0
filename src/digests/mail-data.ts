import type { Article } from '../articles/article.js';
import { cutText } from '../articles/clean-text.js';
import { readingMinutes } from '../articles/excerpt.js';
import type { TemplateData } from '../platform/templates.js';
import type { Publication } from '../publications/publication.js';
import { articleText } from './article-text.js';
import { cutBlocks } from './cut-blocks.js';
import type { DigestOrder } from './digest.js';
import type { Note } from './note.js';
import { slot } from './slots.js';
import { visitLink } from './visit-link.js';

/** How much of the articles a mail shows. */
export type Measure = {
  /** The longest text that is shown whole, in UTF-16 units of its HTML; 0: excerpts only. */
  full: number;
  pictures: boolean;
  excerpt: number;
  articles: number;
};

/** What an operator wrote herself, where she did; her note as it is read from its Markdown. */
export type OwnWords = Pick<DigestOrder, 'subject'> & { note: Note | null };

/** Longer digests show the newest, and end with "and N more". */
export const MOST_ARTICLES = 15;

/** What a digest is made of. */
export type Ingredients = {
  publication: Publication;
  articles: readonly Article[];
  own: OwnWords;
  date: Date;
  archiveUrl: string | null;
};

/** The same with everything worked out that takes long, however often the mail is written. */
export type Material = Omit<Ingredients, 'articles'> & {
  shown: readonly Shown[];
  /** Of all articles, also those that are not shown. */
  count: number;
  from: Date | null;
  to: Date | null;
};

type Shown = Pick<
  Article,
  'title' | 'url' | 'summary' | 'contentHtml' | 'authors' | 'publishedAt' | 'image'
> & { contentText: string; readingMinutes: number };

export function materialOf({ articles, ...rest }: Ingredients): Material {
  const shown = articles.slice(-MOST_ARTICLES).map((article) => shownArticle(article, rest.publication));
  const times = articles.map(({ publishedAt, firstSeenAt }) => (publishedAt ?? firstSeenAt).getTime());
  if (times.length === 0) return { ...rest, shown, count: 0, from: null, to: null };
  const [from, to] = [new Date(Math.min(...times)), new Date(Math.max(...times))];
  return { ...rest, shown, count: articles.length, from, to };
}

/** An article as the templates know it, with the long way to its plain text behind it. */
function shownArticle(article: Article, { contentMode, siteUrl }: Publication): Shown {
  const { title, summary, contentHtml, authors, publishedAt, image } = article;
  const url = visitLink(article.url, siteUrl);
  const contentText = contentMode === 'full' ? articleText(contentHtml) : '';
  const content = { contentHtml, contentText, readingMinutes: readingMinutes(contentHtml) };
  return { title, url, summary, authors, publishedAt, image, ...content };
}

/** What the digest's templates are given. */
export function digestData(material: Material, measure: Measure): TemplateData {
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
    articles: shown.map((article) => measured(count === 1 ? cutToFit(article, measure) : article, measure)),
    more: count - shown.length,
    unsubscribeUrl: slot('unsubscribeUrl'),
    manageUrl: slot('manageUrl'),
    email: slot('email'),
    confirmedOn: slot('confirmedOn'),
  };
}

const PREHEADER_LENGTH = 90;

/** Goes on where the subject ends: an operator's words, the article's beginning, or the other titles. */
function preheader(articles: readonly Shown[], { subject, note }: OwnWords): string {
  const [first, ...others] = articles;
  const titles = (subject === null ? others : articles).map(({ title }) => title).join(' · ');
  const words = note?.line ?? (others.length === 0 ? (first?.summary ?? '') : titles);
  return cutText(words.replace(/\s+/g, ' ').trim(), PREHEADER_LENGTH);
}

function measured(article: Shown, { full, pictures, excerpt }: Measure): TemplateData {
  const whole = article.contentHtml.length <= full;
  return {
    ...article,
    summary: cutText(article.summary, excerpt),
    contentHtml: whole ? article.contentHtml : null,
    contentText: whole ? article.contentText : null,
    image: pictures && !(whole && opensWithPicture(article)) ? article.image : null,
  };
}

/** Alone in its mail, a text that is too long is told as far as there is room; the button leads to the rest. */
function cutToFit(article: Shown, { full }: Measure): Shown {
  const contentHtml = cutBlocks(article.contentHtml, full);
  if (contentHtml === article.contentHtml || contentHtml === '') return article;
  return { ...article, contentHtml, contentText: articleText(contentHtml) };
}

const OPENING_PICTURE = /^(?:\s|<(?:p|div|figure|a)\b[^>]*>)*<img\b/i;

/** Its whole text begins with a picture: the article's own would stand right above the same one. */
function opensWithPicture({ contentHtml }: Shown): boolean {
  return OPENING_PICTURE.test(contentHtml);
}
