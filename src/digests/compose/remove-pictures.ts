import type { Article } from '../../articles/article.js';

/**
 * An article for a mail without pictures: where its text has one, that picture's description is read instead.
 * @param article its HTML is cleaned: attributes are in double quotes, and their values escaped
 */
export function removePictures(article: Article): Article {
  return {
    ...article,
    image: null,
    contentHtml: article.contentHtml.replaceAll(/<img\b[^>]*>/g, toDescription),
  };
}

function toDescription(tag: string): string {
  const alt = /\salt="([^"]*)"/.exec(tag)?.[1]?.trim() ?? '';
  return alt === '' ? '' : `<em>[${alt}]</em>`;
}
