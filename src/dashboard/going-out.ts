import { findArticles } from '../articles/reads.js';
import { listArticlesAhead } from '../deliveries/plan/articles-ahead.js';
import { readDueCounts } from '../digests/calendar/due-counts.js';
import type { DueCount } from '../digests/calendar/due-count.js';
import type { Digest } from '../digests/digest.js';
import { listOpenDigests } from '../digests/reads.js';
import type { Context } from '../platform/context.js';
import { cadences, type Cadence, type Publication } from '../publications/publication.js';
import { readReaderCounts } from '../subscribers/counts/reads.js';

/** What goes out next in one rhythm. */
export type GoingOut = {
  cadence: Cadence;
  /** Who is due then; of each article and where nobody has looked yet, all readers of the rhythm. */
  readers: number;
  /** Null: each article goes within minutes, or nobody has looked yet when readers are due. */
  times: { from: Date; to: Date; most: Date } | null;
  /** The first few of what any of them would get now, and how many there are. */
  articles: { count: number; titles: string[] };
  /** That of the same period, or one of the rhythm that is held; undefined: nobody has opened it yet. */
  digest: Pick<Digest, 'id' | 'state'> | undefined;
};

const MAX_TITLES = 3;
/** Each rhythm has one or two at a time. */
const MAX_OPEN = 20;

/** A row for each rhythm that has readers. */
export async function readGoingOut(
  context: Pick<Context, 'db' | 'now'>,
  publication: Publication,
): Promise<GoingOut[]> {
  const { db } = context;
  const { byCadence } = await readReaderCounts(db, publication.id);
  const due = await readDueCounts(context, publication.id);
  const open = await listOpenDigests(db, publication.id, MAX_OPEN);
  const wanted = cadences.filter((one) => byCadence[one] > 0);
  const ahead = await listArticlesAhead(context, publication, wanted);
  const rows = [];
  for (const cadence of wanted) {
    const next = nextPeriod(due, cadence);
    rows.push({
      cadence,
      readers: next?.readers ?? byCadence[cadence],
      times: next?.times ?? null,
      articles: await nameArticles(db, ahead.get(cadence) ?? []),
      digest: open.find(
        (one) => one.cadence === cadence && (one.state === 'held' || one.period === next?.period),
      ),
    });
  }
  return rows;
}

async function nameArticles(db: Context['db'], articleIds: readonly string[]): Promise<GoingOut['articles']> {
  const found = await findArticles(db, articleIds.slice(0, MAX_TITLES));
  const titles = articleIds.flatMap((id) => found.find((article) => article.id === id)?.title ?? []);
  return { count: articleIds.length, titles };
}

/** The moments at which readers of the next digest are due. */
function nextPeriod(due: readonly DueCount[], cadence: Cadence) {
  const [first, ...rest] = due.filter((one) => one.cadence === cadence);
  if (first === undefined) return undefined;
  const moments = [first, ...rest.filter(({ period }) => period === first.period)];
  return {
    period: first.period,
    readers: moments.reduce((sum, { readers }) => sum + readers, 0),
    times: {
      from: first.dueAt,
      to: moments.at(-1)?.dueAt ?? first.dueAt,
      most: moments.reduce((best, one) => (one.readers > best.readers ? one : best)).dueAt,
    },
  };
}
