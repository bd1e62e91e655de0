import type { Context } from '../platform/context.js';
import { uuidv7 } from '../platform/uuid.js';
import type { NewPublication, Publication, SettingsChange } from './publication.js';
import { insertPublication, markArchived, reserveSlug, updateSettings } from './writes.js';
import { findPublicationByAnySlug } from './reads.js';

/** The slug is, or was, another publication's: links to it lead there for good. */
export type SlugTaken = { kind: 'slug-taken'; by: Pick<Publication, 'name' | 'slug'> };

export type CreatePublicationResult = { kind: 'created'; id: string } | SlugTaken;

/** Makes a publication from parsed settings; what is absent has the defaults of the table. */
export async function createPublication(
  { db, now }: Pick<Context, 'db' | 'now'>,
  settings: NewPublication,
): Promise<CreatePublicationResult> {
  const { slug } = settings;
  const id = await orUndefinedIfTaken(() =>
    db.transaction(async (tx) => {
      const id = uuidv7(now());
      if ((await reserveSlug(tx, slug, id)) === undefined) throw new SlugTakenError();
      if ((await insertPublication(tx, id, settings, now())) === 0) throw new SlugTakenError();
      return id;
    }),
  );
  return id === undefined ? findOwner(db, slug) : { kind: 'created', id };
}

/** Changes some settings of a publication; the next mail is made with them. What led to its earlier slug leads on. */
export async function updatePublication(
  { db }: Pick<Context, 'db'>,
  id: string,
  settings: SettingsChange,
): Promise<{ kind: 'changed' } | SlugTaken> {
  const { slug } = settings;
  const changed = await orUndefinedIfTaken(() =>
    db.transaction(async (tx) => {
      if (slug !== undefined && (await reserveSlug(tx, slug, id)) === undefined) throw new SlugTakenError();
      if (Object.keys(settings).length > 0) await updateSettings(tx, id, settings);
      return { kind: 'changed' as const };
    }),
  );
  return changed ?? findOwner(db, slug ?? '');
}

/** Ends a transaction that found its slug taken. */
class SlugTakenError extends Error {}

async function orUndefinedIfTaken<Result>(work: () => Promise<Result>): Promise<Result | undefined> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof SlugTakenError) return undefined;
    throw error;
  }
}

async function findOwner(db: Context['db'], slug: string): Promise<SlugTaken> {
  const owner = await findPublicationByAnySlug(db, slug);
  return { kind: 'slug-taken', by: owner ?? { name: slug, slug } };
}

/** Why a slug cannot be had, for whoever asked for it. */
export function describeSlugTaken(slug: string, { by }: SlugTaken): string {
  return by.slug === slug
    ? `There is a publication "${slug}" already.`
    : `"${slug}" was the slug of ${by.name} ("${by.slug}"), and links to it still lead there. Choose another.`;
}

/** Stops a publication for good: nothing is released, planned or taken any more. It is never deleted. */
export async function archivePublication(
  { db, now }: Pick<Context, 'db' | 'now'>,
  id: string,
): Promise<void> {
  await db.transaction((tx) => markArchived(tx, id, now()));
}
