import type { Article } from '../../articles/article.js';
import { findArticles, type Teaser, findTeasers } from '../../articles/reads.js';
import type { Context } from '../../platform/context.js';
import type { Db } from '../../platform/db/database.js';
import { arrange } from '../article-choices.js';
import { renderEditorNote, type EditorNote } from '../compose/editor-note.js';
import { findArchived, listArchivedBefore, listArchivedAfter, type ArchivedDigest } from './reads.js';

/** A digest as the archive shows it. */
export type ArchivePage<Shown extends Teaser = Teaser> = Omit<
  ArchivedDigest,
  'articleIds' | 'note' | 'outro' | 'articleChoices'
> & {
  note: EditorNote | null;
  outro: EditorNote | null;
  /** In the order of their release, but for those that an editor placed; what was retracted is not among them. */
  articles: Shown[];
};

/** How many neighbours are checked for one of which not everything was retracted. */
const MAX_NEIGHBOURS_CHECKED = 5;

/**
 * The digests that went out, newest first; with `before`, the id of one of them, those before it. `next` is where the next
 * page begins; undefined on the last.
 */
export async function listArchivePages(
  { db }: Pick<Context, 'db'>,
  publicationId: string,
  { before, limit }: { before?: string; limit: number },
): Promise<{ pages: ArchivePage[]; next: string | undefined }> {
  const from = before === undefined ? undefined : await findArchived(db, publicationId, before);
  if (before !== undefined && from === undefined) return { pages: [], next: undefined };
  const order = { limit: limit + 1, ...(from === undefined ? {} : { before: from }) };
  const found = await listArchivedBefore(db, publicationId, order);
  const shown = found.slice(0, limit);
  const pages = await toArchivePages(db, shown, findTeasers);
  return { pages: pages.filter(hasContent), next: found.length > limit ? shown.at(-1)?.id : undefined };
}

/** 'gone': all of it was retracted. */
export type ArchivePageResult =
  | {
      kind: 'digest';
      page: ArchivePage<Article>;
      older: ArchivePage | undefined;
      newer: ArchivePage | undefined;
    }
  | { kind: 'gone' }
  | { kind: 'unknown' };

/** One digest and its neighbours. */
export async function findArchivePage(
  { db }: Pick<Context, 'db'>,
  publicationId: string,
  digestId: string,
): Promise<ArchivePageResult> {
  const found = await findArchived(db, publicationId, digestId);
  if (found === undefined) return { kind: 'unknown' };
  const [page] = await toArchivePages(db, [found], findArticles);
  if (page === undefined || !hasContent(page)) return { kind: 'gone' };
  const before = await listArchivedBefore(db, publicationId, {
    before: found,
    limit: MAX_NEIGHBOURS_CHECKED,
  });
  const after = await listArchivedAfter(db, publicationId, found, MAX_NEIGHBOURS_CHECKED);
  return {
    kind: 'digest',
    page,
    older: await findFirstShown(db, before),
    newer: await findFirstShown(db, after),
  };
}

async function findFirstShown(db: Db, digests: readonly ArchivedDigest[]): Promise<ArchivePage | undefined> {
  return (await toArchivePages(db, digests, findTeasers)).find(hasContent);
}

async function toArchivePages<Shown extends Teaser>(
  db: Db,
  digests: readonly ArchivedDigest[],
  find: (db: Db, ids: string[]) => Promise<Shown[]>,
): Promise<ArchivePage<Shown>[]> {
  const ids = [...new Set(digests.flatMap(({ articleIds }) => articleIds))];
  const known = new Map((await find(db, ids)).map((article) => [article.id, article]));
  const render = (text: string | null) => (text === null ? null : renderEditorNote(text));
  return digests.map(({ articleIds, articleChoices, note, outro, ...digest }) => {
    const articles = articleIds.flatMap((id) => known.get(id) ?? []).filter(isPublic);
    articles.sort((one, other) => (one.seq ?? 0) - (other.seq ?? 0));
    // What was left out of some mails of it is in those of readers who get each article.
    const placed = articleChoices.filter(({ as }) => as === 'first' || as === 'placed');
    return { ...digest, note: render(note), outro: render(outro), articles: arrange(articles, placed) };
  });
}

function isPublic({ state }: Teaser): boolean {
  return state !== 'retracted';
}

/** An announcement has a subject and a note, and no articles. */
function hasContent({ articles, note, subject }: ArchivePage): boolean {
  return articles.length > 0 || (note !== null && subject !== null);
}
