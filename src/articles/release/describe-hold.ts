import type { OperatorWords } from '../../platform/text/translations.js';
import type { Article, HoldReason } from '../article.js';
import { MAX_AGE_DAYS, MAX_AHEAD_DAYS, type ArticleHold } from './hold.js';

/** What an operator reads above all that a hold covers. */
export function describeHold(
  { code, heldItems, ...numbers }: HoldReason & Pick<ArticleHold, 'heldItems'>,
  words: OperatorWords,
): string {
  return words(`articleHold.articles.${code}`, { count: heldItems, ...valuesOf(numbers) });
}

/** What an operator reads beside one article: why it is held, or that it vanished. Null for any other. */
export function describeArticleHold(
  { holdReason, retraction }: Pick<Article, 'holdReason' | 'retraction'>,
  words: OperatorWords,
): string | null {
  if (retraction === 'vanished') return words('articleHold.vanished');
  return holdReason && describeHoldReason(holdReason, words);
}

/** The reason as a sentence about one article. */
export function describeHoldReason({ code, ...numbers }: HoldReason, words: OperatorWords): string {
  return words(`articleHold.article.${code}`, valuesOf(numbers));
}

function valuesOf({ newItems, totalItems }: Omit<HoldReason, 'code'>) {
  return { newItems, totalItems, maxAgeDays: MAX_AGE_DAYS, maxAheadDays: MAX_AHEAD_DAYS };
}
