import type { ArticleContent, HoldCode } from '../article.js';
import { looksProtected } from '../clean/protected-post.js';

/** What an article is judged by; `isProtected` where that was told when it came. */
export type JudgedContent = Pick<ArticleContent, 'title' | 'summary' | 'contentHtml' | 'image'> & {
  isProtected?: boolean;
};

/**
 * Why an article with this content is held, whenever and however it came; undefined: it is not.
 * @param isTitleTaken an article with this title is out already, or about to be
 */
export function findContentHold(content: JudgedContent, isTitleTaken: boolean): HoldCode | undefined {
  if (isProtected(content)) return 'protected';
  if (isEmpty(content)) return 'empty';
  return isTitleTaken ? 'same-title' : undefined;
}

function isProtected({ isProtected: isMarked, title, summary, contentHtml }: JudgedContent): boolean {
  return isMarked ?? looksProtected({ title, summary, html: contentHtml });
}

/** Its mail would be a title and a button. A picture alone is content. */
function isEmpty({ contentHtml, summary, image }: JudgedContent): boolean {
  return contentHtml === '' && summary === '' && (image ?? null) === null;
}
