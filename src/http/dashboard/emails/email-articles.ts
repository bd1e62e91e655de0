import type { Article } from '../../../articles/article.js';
import { findArticles, listLatestReleased } from '../../../articles/reads.js';
import { listComingArticles } from '../../../deliveries/preview/coming-articles.js';
import { arrange, type ArticleChoice } from '../../../digests/article-choices.js';
import type { Draft } from '../../../digests/drafts/draft.js';
import type { Context } from '../../../platform/context.js';
import type { Publication } from '../../../publications/publication.js';

/** An article that can be placed or left out. */
export type ArticleRow = {
  id: string;
  title: string;
  place: ArticleChoice['as'] | '';
  order: string;
  /** Why it will not be in the mail whatever is chosen; null: nothing speaks against it. */
  problem: string | null;
};

const MAX_ARTICLES = 50;

/**
 * The articles that a draft may choose among, in the order in which they would come: what is due in its digest, or for an email
 * of its own the latest; and whatever was chosen before.
 * @param choices as they were typed, where the form is shown again
 */
export async function readArticleRows(
  context: Pick<Context, 'db' | 'now'>,
  publication: Publication,
  { cadence }: Pick<Draft, 'cadence'>,
  choices: readonly ArticleChoice[],
): Promise<ArticleRow[]> {
  const { db } = context;
  const offered =
    cadence === null
      ? (await listLatestReleased(db, publication.id, MAX_ARTICLES)).map(({ id }) => id)
      : await listComingArticles(context, publication, cadence);
  const ids = [...new Set([...choices.map(({ id }) => id), ...offered.slice(0, MAX_ARTICLES)])];
  const known = new Map((await findArticles(db, ids)).map((article) => [article.id, article]));
  const listed = ids.flatMap((id) => known.get(id) ?? []);
  const inMail = arrange(listed, choices);
  const leftOut = listed.filter((article) => !inMail.includes(article));
  const places = new Map(choices.map(({ id, as }) => [id, as]));
  const placed = choices.filter(({ as }) => as === 'first' || as === 'placed').map(({ id }) => id);
  return [...inMail, ...leftOut].map((article) => ({
    id: article.id,
    title: article.title,
    place: places.get(article.id) ?? '',
    order: placed.includes(article.id) ? `${placed.indexOf(article.id) + 1}` : '',
    problem: problemOf(article, cadence !== null && !offered.includes(article.id)),
  }));
}

function problemOf({ state }: Article, isNotDue: boolean): string | null {
  if (state === 'retracted') return 'It was taken back: it is in no mail.';
  if (state === 'held') return 'It is held: it comes only once it is let go.';
  if (state === 'skipped') return 'It is not emailed.';
  return isNotDue ? 'Nobody is due it now: it comes only to whom it is new.' : null;
}
