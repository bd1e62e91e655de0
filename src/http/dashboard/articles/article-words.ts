import type { Article } from '../../../articles/article.js';
import { describeArticleHold } from '../../../articles/release/describe-hold.js';
import { isNeverEmailed } from '../../../articles/release/never-emailed.js';
import type { ExpectedReaders } from '../../../dashboard/hold-details.js';
import type { OperatorWords } from '../../../platform/text/translations.js';
import type { Publication } from '../../../publications/publication.js';
import { countReadersWord, formatCount } from '../digests/ledger-words.js';

/** What a state is called on pages, and its mark. */
export const ARTICLE_STATES: Record<Article['state'], { name: string; icon: string }> = {
  waiting: { name: 'Waiting', icon: 'wait' },
  held: { name: 'Held', icon: 'warn' },
  released: { name: 'Out', icon: 'mail' },
  skipped: { name: 'Not emailed', icon: 'skip' },
  retracted: { name: 'Taken back', icon: 'leave' },
};

type StateOf = Pick<Article, 'state' | 'retraction' | 'releaseAt' | 'holdReason'>;
type Times = { now: Date; formatTime: (moment: Date) => string };

/** Where an article stands, as one sentence. */
export function describeArticle(article: StateOf, { now, formatTime }: Times): string {
  const { state, releaseAt, retraction } = article;
  switch (state) {
    case 'waiting':
      return releaseAt > now ? `Waits, and goes out ${formatTime(releaseAt)}.` : 'Goes out within a minute.';
    case 'held':
      return 'Held: nobody gets it until you decide.';
    case 'released':
      return 'Out: each reader gets it with her next email, or has it.';
    case 'skipped':
      return 'Not emailed: it counts as already sent.';
    case 'retracted':
      return retraction === 'vanished'
        ? 'Taken back, since it vanished from its feed.'
        : 'Taken back: nobody gets it any more.';
  }
}

/** What that means, and why, in sentences. */
export function explainArticle(
  article: StateOf & Pick<Article, 'categories'>,
  publication: Pick<Publication, 'neverEmailCategories'>,
  words: OperatorWords,
): string[] {
  const why = describeArticleHold(article, words);
  switch (article.state) {
    case 'waiting':
      return ['Until then it can be corrected, held, or kept from readers.'];
    case 'held':
      return why === null ? [] : [why];
    case 'released':
      return ['A correction is in emails that are made from now on; nobody is mailed it again.'];
    case 'skipped':
      return [
        isNeverEmailed(article.categories, publication)
          ? 'It is in a category that is never emailed.'
          : 'It was in the feed before it was followed, or somebody here said so.',
        'To email it all the same, take it back, and then let it go out.',
      ];
    case 'retracted':
      return [
        ...(why === null ? [] : [why]),
        'Who has been mailed it keeps it. When it goes out again, nobody gets it twice.',
      ];
  }
}

/** "Goes to 5 readers: 1 within minutes, 4 with the next email of each." */
export function describeReach({ atOnce, later }: ExpectedReaders): string {
  const all = atOnce + later;
  if (all === 0) return 'It would reach nobody: no confirmed reader asked for its topics.';
  const who = `It would reach ${countReadersWord(all)}`;
  if (later === 0) return `${who}, within minutes.`;
  if (atOnce === 0) return `${who}, with the next email of each.`;
  return `${who}: ${formatCount(atOnce)} within minutes, ${formatCount(later)} with the next email of each.`;
}

/** What a page says after a button, by the query `done`. */
export const articleFlashes: Record<string, string> = {
  released:
    'It goes out: who gets each article is mailed it within minutes, the others with their next email.',
  skipped: 'It counts as already sent. Nobody is mailed it.',
  held: 'Held. Nobody gets it until you let it go out.',
  retracted: 'Taken back. Who was not mailed it yet never gets it.',
  corrected: 'Saved. Emails that are made from now on say it so; nobody is mailed it again.',
  unchanged: 'Nothing was different, so nothing was changed.',
  added: 'Added. What becomes of it stands below.',
  known: 'This newsletter has that article already: it is this one. Nothing was changed.',
  'too-late': 'It was decided before, or is out already. Nothing was changed.',
};
