import { listArticles, listLatestReleased, listWaitingUntil } from '../../articles/reads.js';
import { arrange } from '../../digests/article-choices.js';
import type { Draft } from '../../digests/drafts/draft.js';
import { draftOrder } from '../../digests/drafts/draft-order.js';
import { DEFAULT_ORDER, type Audience } from '../../digests/digest.js';
import { readDueCounts } from '../../digests/calendar/due-counts.js';
import type { Context } from '../../platform/context.js';
import type { Publication } from '../../publications/publication.js';
import { forecastForPage } from '../plan/estimate-digest.js';
import type { ComingKind } from './source.js';

/** Whoever gets each new article, or one mail a day, expects them soon: whom sending now reaches. */
export const SOON: Audience = { cadence: ['instant', 'daily'] };

/**
 * The articles of the digest that is to come, in order: what some of its readers are due, and what is released before it
 * goes. Of those who get each article, the next one.
 */
export async function listComingArticles(
  context: Pick<Context, 'db' | 'now'>,
  { id }: Pick<Publication, 'id'>,
  coming: ComingKind,
): Promise<string[]> {
  const { db, now } = context;
  if (coming === 'instant') return (await listWaiting(db, id, new Date(8.64e15))).slice(0, 1);
  const audience = coming === 'now' ? SOON : { cadence: coming };
  const { articleIds } = await forecastForPage({ db }, id, { ...DEFAULT_ORDER, audience });
  if (coming === 'now') return articleIds;
  const next = (await readDueCounts(context, id)).find(({ cadence }) => cadence === coming);
  return [...articleIds, ...(await listWaiting(db, id, next?.dueAt ?? now()))];
}

/** What a mail with this draft would bring, as its editor arranged it. */
export async function listDraftArticles(
  context: Pick<Context, 'db' | 'now'>,
  publication: Pick<Publication, 'id'>,
  { cadence, content }: Draft,
): Promise<string[]> {
  const ids =
    cadence === null
      ? (await forecastForPage(context, publication.id, draftOrder(content))).articleIds
      : await listComingArticles(context, publication, cadence);
  return arrange(
    ids.map((id) => ({ id })),
    content.articleChoices,
  ).map(({ id }) => id);
}

/** The latest articles, to show what a mail looks like while nothing is new. */
export async function listExampleArticles(
  { db }: Pick<Context, 'db'>,
  { id }: Pick<Publication, 'id'>,
  coming: ComingKind | undefined,
): Promise<string[]> {
  const count = coming === 'instant' ? 1 : 3;
  const released = await listLatestReleased(db, id, count);
  const latest = released.length > 0 ? released : await listArticles(db, id, count);
  return latest
    .filter(({ state }) => state !== 'retracted')
    .map((article) => article.id)
    .toReversed();
}

async function listWaiting(db: Context['db'], publicationId: string, until: Date): Promise<string[]> {
  return (await listWaitingUntil(db, publicationId, until)).map(({ id }) => id);
}
