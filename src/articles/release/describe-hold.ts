import { pluralOf } from '../../platform/text/count-noun.js';
import type { Article, HoldReason } from '../article.js';
import { MAX_AGE_DAYS, MAX_AHEAD_DAYS, type ArticleHold } from './hold.js';

/** What an operator reads above all that a hold covers. */
export function describeHold(hold: HoldReason & Pick<ArticleHold, 'heldItems'>): string {
  const { heldItems } = hold;
  return describeReason(hold, heldItems === 1 ? 'One article' : `${heldItems} articles`, heldItems !== 1);
}

/** What an operator reads beside one article: why it is held, or that it vanished. Null for any other. */
export function describeArticleHold({
  holdReason,
  retraction,
}: Pick<Article, 'holdReason' | 'retraction'>): string | null {
  if (retraction === 'vanished') return 'It vanished from its feed before it was released.';
  return holdReason && describeHoldReason(holdReason);
}

/** The reason as a sentence about one article. */
export function describeHoldReason(reason: HoldReason): string {
  return describeReason(reason, 'It', false);
}

function describeReason({ code, newItems, totalItems }: HoldReason, subject: string, many: boolean): string {
  const [is, has] = many ? ['are', 'have'] : ['is', 'has'];
  switch (code) {
    case 'flood':
      return `${newItems} new articles arrived at once.`;
    case 'ids-changed':
      return `${newItems} of the ${totalItems} articles in the feed look new. That often means the feed's ids changed.`;
    case 'old':
      return `${subject} ${is} dated more than ${MAX_AGE_DAYS} days ago.`;
    case 'scheduled':
      return `${subject} ${is} dated more than ${MAX_AHEAD_DAYS} days from now.`;
    case 'empty':
      return `${subject} ${has} a title, but neither text nor picture.`;
    case 'same-address':
    case 'same-title':
      return describeDuplicate(code === 'same-title' ? 'title' : 'address', many);
    case 'by-hand':
      return 'An operator held it.';
  }
}

function describeDuplicate(what: string, many: boolean): string {
  return many
    ? `Articles with the same ${pluralOf(what)} are out already, or about to be.`
    : `An article with the same ${what} is out already, or about to be.`;
}
