import type { Context } from '../platform/context.js';
import type { Article } from './article.js';
import { updateArticle } from './article-writes.js';
import { excerpt } from './excerpt.js';
import { retract } from './hold-writes.js';
import { sanitiseHtml } from './sanitise.js';

export type Revision = {
  url?: string | undefined;
  title: string;
  summary?: string | undefined;
  /** HTML; sanitised here. */
  content?: string | undefined;
  authors: string[];
  image?: string | undefined;
  categories: string[];
};

const SUMMARY_LENGTH = 500;

/** Corrects an article. Mails that are rendered from now on say the new thing; nobody is mailed it again. */
export async function correctArticle(
  { db, now }: Pick<Context, 'db' | 'now'>,
  articleId: string,
  revision: Revision,
): Promise<Article | undefined> {
  const { url, title, summary, content = '', authors, image, categories } = revision;
  const contentHtml = sanitiseHtml(content, url);
  const row = {
    url: url ?? null,
    title,
    summary: excerpt(summary ?? contentHtml, SUMMARY_LENGTH),
    contentHtml,
    authors,
    image: image ?? null,
    categories,
  };
  return db.transaction((tx) => updateArticle(tx, articleId, row, now()));
}

/** Takes an article back: who has not been planned for it never gets it. */
export async function retractArticle({ db }: Pick<Context, 'db'>, articleId: string): Promise<void> {
  await db.transaction((tx) => retract(tx, articleId));
}
