import type { FeedItem } from '../parse/feed-item.js';
import { normaliseContent, normaliseTitle } from '../parse/compare-articles.js';
import type { KnownArticle } from './items.js';

/** A share of words that two texts have in common, at least, to be one text that was corrected. */
const MIN_SHARED = { unread: 0.3, read: 0.5, onlyItem: 0.9 };

/**
 * Whether an item took the place of an article under the same id or address: feeds with one item and a fixed id, or one page
 * for all, show something new so. Title and text both speak against a correction, and no date says that it is one. What
 * nobody has read is taken for a correction sooner, and in a feed of one item hardly anything is.
 */
export function isReplaced(item: FeedItem, article: KnownArticle, isOnlyItem: boolean): boolean {
  const { formerText } = article;
  if (formerText === undefined || hasSameDate(item, article)) return false;
  const least = isUnread(article) ? MIN_SHARED.unread : MIN_SHARED[isOnlyItem ? 'onlyItem' : 'read'];
  return shareOfWords(formerText, textOf(item)) < least;
}

/** Whether nobody was mailed it, and nobody decided that it counts as sent. */
export function isUnread({ state, retraction }: KnownArticle): boolean {
  return state === 'waiting' || state === 'held' || (state === 'retracted' && retraction === 'vanished');
}

/** Whether a known article may have been replaced, so that its text is worth reading. */
export function isInDoubt(item: FeedItem, article: KnownArticle): boolean {
  return normaliseTitle(item.title) !== normaliseTitle(article.title) && !hasSameDate(item, article);
}

export function textOf({ contentHtml, summary }: Pick<FeedItem, 'contentHtml' | 'summary'>): string {
  return normaliseContent({ contentHtml }) || summary;
}

function hasSameDate({ publishedAt }: FeedItem, article: KnownArticle): boolean {
  return publishedAt !== undefined && publishedAt.getTime() === article.publishedAt?.getTime();
}

/** From 0 to 1: of the shorter text's words, or of its groups of three where it has many. A text that came or went says nothing. */
function shareOfWords(one: string, other: string): number {
  const [a, b] = [wordsOf(one), wordsOf(other)];
  if (a.length === 0 && b.length === 0) return 0;
  if (a.length === 0 || b.length === 0) return 1;
  const size = Math.min(a.length, b.length) < 12 ? 1 : 3;
  const [first, second] = [groupsOf(a, size), groupsOf(b, size)];
  const shared = [...first].filter((group) => second.has(group)).length;
  return shared / Math.min(first.size, second.size);
}

/** Languages that put no spaces between words are compared by letter. */
function wordsOf(text: string): string[] {
  return (
    text
      .toLowerCase()
      .match(/[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}]|[\p{L}\p{N}\p{M}]+/gu) ??
    []
  );
}

function groupsOf(words: readonly string[], size: number): Set<string> {
  return new Set(
    words.slice(0, words.length - size + 1).map((_, at) => words.slice(at, at + size).join(' ')),
  );
}
