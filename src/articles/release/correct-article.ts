import { changedFields } from '../../operators/activity/changed-fields.js';
import { recordActivity } from '../../operators/activity/record-activity.js';
import type { Context } from '../../platform/context.js';
import type { Article } from '../article.js';
import { cleanLine } from '../clean/clean-text.js';
import { excerpt, MAX_SUMMARY_CHARS } from '../clean/excerpt.js';
import { canonicalLink } from '../clean/canonical-link.js';
import { findArticle } from '../reads.js';
import { lockArticles } from '../writes.js';
import { judgeAgain } from './judge-again.js';
import { sanitiseHtml } from '../clean/sanitise.js';
import { type EditableContent, updateArticle } from './correct-writes.js';

/** What is to change. Absent: it stays as it is; null: the article has none any more. */
export type ArticleCorrection = {
  url?: string | null | undefined;
  title?: string | undefined;
  /** Of a new content without a new summary one is made. */
  summary?: string | undefined;
  /** HTML; sanitised here. */
  content?: string | undefined;
  authors?: string[] | undefined;
  image?: string | null | undefined;
  categories?: string[] | undefined;
  /** Moves the release of an article that still waits. */
  publishedAt?: Date | null | undefined;
};

/** Corrects an article, and judges it again if it is held or waits. Mails that are rendered from now on say the new thing; nobody is mailed it again. */
export async function correctArticle(
  context: Pick<Context, 'db' | 'now' | 'actor'>,
  articleId: string,
  revision: ArticleCorrection,
): Promise<Article | undefined> {
  const { db, now } = context;
  return db.transaction(async (tx) => {
    const article = await findArticle(tx, articleId);
    if (article === undefined) return undefined;
    await lockArticles(tx, article.publicationId);
    const correction = applyCorrection(article, revision);
    if ((await updateArticle(tx, articleId, correction, now())) === undefined) return undefined;
    const changed = changedFields(editableOf(article), correction);
    if (changed !== undefined) {
      const [before, after] = [recordedWords(changed.before), recordedWords(changed.after)];
      const change = { kind: 'article.corrected', publicationId: article.publicationId } as const;
      await recordActivity(tx, context, { ...change, subjectId: articleId, before, after });
    }
    const hasNewUrl = canonicalLink(correction.url) !== canonicalLink(article.url);
    await judgeAgain(tx, article.publicationId, [{ id: articleId, hasNewUrl }], now());
    return findArticle(tx, articleId);
  });
}

function applyCorrection(article: Article, revision: ArticleCorrection): EditableContent {
  const {
    url,
    title,
    image,
    publishedAt,
    authors = article.authors,
    categories = article.categories,
  } = revision;
  const page = url === undefined ? article.url : url;
  const { content, summary = content } = revision;
  return {
    url: page,
    title: title === undefined ? article.title : cleanLine(title),
    summary: summary === undefined ? article.summary : excerpt(summary, MAX_SUMMARY_CHARS),
    contentHtml: content === undefined ? article.contentHtml : sanitiseHtml(content, page ?? undefined),
    authors: authors.map(cleanLine),
    image: image === undefined ? article.image : image,
    categories: categories.map(cleanLine),
    publishedAt: publishedAt === undefined ? article.publishedAt : publishedAt,
  };
}

function editableOf(article: Article): EditableContent {
  const { url, title, summary, contentHtml, authors, image, categories, publishedAt } = article;
  return { url, title, summary, contentHtml, authors, image, categories, publishedAt };
}

/** As history keeps them: of texts how many characters they have. */
function recordedWords({ summary, contentHtml, publishedAt, ...short }: Partial<EditableContent>) {
  return {
    ...short,
    ...(summary === undefined ? {} : { summary: summary.length }),
    ...(contentHtml === undefined ? {} : { content: contentHtml.length }),
    ...(publishedAt === undefined ? {} : { publishedAt: publishedAt?.toISOString() ?? null }),
  };
}
