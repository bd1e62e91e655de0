import { arrange, chosenAs, type ArticleChoice } from '../../digests/article-choices.js';
import type { Calendar } from '../../digests/calendar/memoised-calendar.js';
import type { Due, NumberedArticle } from '../../digests/calendar/due.js';
import { digestKey, type DigestEdits } from '../../digests/drafts/digest-edits.js';
import type { Reader } from '../../subscribers/subscription.js';

export type EditedDue = {
  due: ReadonlyMap<Reader, Due>;
  /** By reader: the lowest number of an article that was left out of her digest and is due still. */
  heldBack: ReadonlyMap<Reader, number>;
};

/**
 * Lists as editors arranged them. Whose list is empty now is not in the digest. Leaving out is for readers of the rhythm: whoever
 * gets each article, and so many at once that they come in a daily digest, gets all of them.
 */
export function editDue(
  due: ReadonlyMap<Reader, Due>,
  { choices }: Pick<DigestEdits, 'choices'>,
  calendar: Pick<Calendar, 'nextDueAt'>,
): EditedDue {
  const edited: { due: Map<Reader, Due>; heldBack: Map<Reader, number> } = {
    due: new Map(),
    heldBack: new Map(),
  };
  if (choices.size === 0) return { ...edited, due };
  const edit = createListEditor();
  for (const [reader, { digests, nextDueAt }] of due) {
    const kept = digests.map((dueDigest) => {
      const own = choices.get(digestKey(dueDigest)) ?? [];
      const list = edit(dueDigest.articles, own, reader.cadence === dueDigest.cadence);
      if (list.heldBack !== undefined) edited.heldBack.set(reader, list.heldBack);
      return { ...dueDigest, articles: list.articles };
    });
    const filled = kept.filter(({ articles }) => articles.length > 0);
    const isOut = digests.length > 0 && filled.length === 0;
    edited.due.set(reader, {
      digests: filled,
      nextDueAt: isOut ? calendar.nextDueAt(reader) : nextDueAt,
    });
  }
  return edited;
}

type EditedList = { articles: NumberedArticle[]; heldBack: number | undefined };

/** Many readers share a list: each is arranged once. */
function createListEditor() {
  const known = new Map<readonly NumberedArticle[], Map<string, EditedList>>();
  return (articles: NumberedArticle[], choices: readonly ArticleChoice[], leavesOut: boolean): EditedList => {
    if (choices.length === 0) return { articles, heldBack: undefined };
    const lists = known.get(articles) ?? new Map<string, EditedList>();
    known.set(articles, lists);
    const list = lists.get(`${leavesOut}`) ?? editList(articles, choices, leavesOut);
    lists.set(`${leavesOut}`, list);
    return list;
  };
}

function editList(
  articles: NumberedArticle[],
  choices: readonly ArticleChoice[],
  leavesOut: boolean,
): EditedList {
  if (!leavesOut) {
    const placed = choices.filter(({ as }) => as === 'first' || as === 'placed');
    return { articles: arrange(articles, placed), heldBack: undefined };
  }
  const later = chosenAs(choices, 'later');
  const seqs = articles.filter(({ id }) => later.has(id)).map(({ seq }) => seq);
  return {
    articles: arrange(articles, choices),
    heldBack: seqs.length === 0 ? undefined : Math.min(...seqs),
  };
}
