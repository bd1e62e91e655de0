import type { Article } from '../articles/article.js';
import { findArticles } from '../articles/reads.js';
import { findTeasers, type Teaser } from '../articles/teaser-reads.js';
import type { Context } from '../platform/context.js';
import type { Db } from '../platform/db/database.js';
import { findArchived, findArchivedAfter, listArchived, type ArchivedDigest } from './archive-reads.js';

/** A digest as the archive shows it. */
export type ArchivePage<Shown extends Teaser = Teaser> = Omit<ArchivedDigest, 'articleIds'> & {
  /** In the order of their release; what was retracted is not among them. */
  articles: Shown[];
};

/** The digests that went out, newest first. `next` is where the next page begins; undefined on the last. */
export async function readArchive(
  { db }: Pick<Context, 'db'>,
  publicationId: string,
  { before, limit }: { before?: string; limit: number },
): Promise<{ pages: ArchivePage[]; next: string | undefined }> {
  const found = await listArchived(db, publicationId, {
    limit: limit + 1,
    ...(before === undefined ? {} : { before }),
  });
  const shown = found.slice(0, limit);
  const pages = await withArticles(db, shown, findTeasers);
  return { pages: pages.filter(hasSomething), next: found.length > limit ? shown.at(-1)?.id : undefined };
}

/** 'gone': all of it was retracted. */
export type Opened =
  | {
      kind: 'digest';
      page: ArchivePage<Article>;
      older: ArchivePage | undefined;
      newer: ArchivePage | undefined;
    }
  | { kind: 'gone' }
  | { kind: 'unknown' };

/** One digest and its neighbours. */
export async function openArchived(
  context: Pick<Context, 'db'>,
  publicationId: string,
  digestId: string,
): Promise<Opened> {
  const { db } = context;
  const found = await findArchived(db, publicationId, digestId);
  if (found === undefined) return { kind: 'unknown' };
  const [page] = await withArticles(db, [found], findArticles);
  if (page === undefined || !hasSomething(page)) return { kind: 'gone' };
  const older = (await readArchive(context, publicationId, { before: digestId, limit: 1 })).pages[0];
  const after = await findArchivedAfter(db, publicationId, digestId);
  const [newer] = await withArticles(db, after === undefined ? [] : [after], findTeasers);
  return { kind: 'digest', page, older, newer: newer && hasSomething(newer) ? newer : undefined };
}

async function withArticles<Shown extends Teaser>(
  db: Db,
  digests: readonly ArchivedDigest[],
  find: (db: Db, ids: string[]) => Promise<Shown[]>,
): Promise<ArchivePage<Shown>[]> {
  const ids = [...new Set(digests.flatMap(({ articleIds }) => articleIds))];
  const known = new Map((await find(db, ids)).map((article) => [article.id, article]));
  return digests.map(({ articleIds, ...digest }) => {
    const articles = articleIds.flatMap((id) => known.get(id) ?? []).filter(isPublic);
    articles.sort((one, other) => (one.seq ?? 0) - (other.seq ?? 0));
    return { ...digest, articles };
  });
}

function isPublic({ state }: Teaser): boolean {
  return state !== 'retracted';
}

/** An announcement has words of its own, and no articles. */
function hasSomething({ articles, note, subject }: ArchivePage): boolean {
  return articles.length > 0 || (note !== null && subject !== null);
}
