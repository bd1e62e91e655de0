import { changedFields } from '../operators/activity/changed-fields.js';
import { recordActivity } from '../operators/activity/record-activity.js';
import type { Context } from '../platform/context.js';
import type { Tx } from '../platform/db/database.js';
import { uuidv7 } from '../platform/uuid.js';
import type { NewPublication, Publication, SettingsChange } from './publication.js';
import { recordedSettings } from './recorded-settings.js';
import { findPublicationByAnySlug, lockPublication } from './reads.js';
import { insertPublication, markArchived, reserveSlug, updateSettings } from './writes.js';

/** The slug is, or was, another publication's: links to it lead there for good. */
export type SlugTaken = { kind: 'slug-taken'; by: Pick<Publication, 'name' | 'slug'> };

export type CreatePublicationResult = { kind: 'created'; id: string } | SlugTaken;

type ChangeContext = Pick<Context, 'db' | 'now' | 'actor'>;

/**
 * Makes a publication from parsed settings; what is absent has the defaults of the table.
 * @param isLive false: it is being set up, and sends no digest before `goLive`
 */
export async function createPublication(
  context: ChangeContext,
  settings: NewPublication,
  { isLive = true }: { isLive?: boolean } = {},
): Promise<CreatePublicationResult> {
  const { db, now } = context;
  const { slug } = settings;
  const id = await orUndefinedIfTaken(() =>
    db.transaction(async (tx) => {
      const id = uuidv7(now());
      if ((await reserveSlug(tx, slug, id)) === undefined) throw new SlugTakenError();
      const times = { now: now(), liveAt: isLive ? now() : null };
      if ((await insertPublication(tx, id, settings, times)) === 0) throw new SlugTakenError();
      const after = recordedSettings(settings);
      await recordActivity(tx, context, {
        kind: 'publication.created',
        publicationId: id,
        subjectId: id,
        after,
      });
      return id;
    }),
  );
  return id === undefined ? findOwner(db, slug) : { kind: 'created', id };
}

/** Changes some settings of a publication; the next mail is made with them. What led to its earlier slug leads on. */
export async function updatePublication(
  context: ChangeContext,
  id: string,
  settings: SettingsChange,
): Promise<{ kind: 'changed' } | SlugTaken> {
  const { db } = context;
  const { slug } = settings;
  const changed = await orUndefinedIfTaken(() =>
    db.transaction(async (tx) => {
      if (slug !== undefined && (await reserveSlug(tx, slug, id)) === undefined) throw new SlugTakenError();
      if (Object.keys(settings).length > 0) await changeSettings(tx, context, id, settings);
      return { kind: 'changed' as const };
    }),
  );
  return changed ?? findOwner(db, slug ?? '');
}

async function changeSettings(
  tx: Tx,
  context: ChangeContext,
  id: string,
  settings: SettingsChange,
): Promise<void> {
  const publication = await lockPublication(tx, id);
  if (publication === undefined) return;
  await updateSettings(tx, id, settings);
  const before = Object.fromEntries(
    Object.keys(settings).map((name) => [name, publication[name as keyof SettingsChange]]),
  ) as SettingsChange;
  const changed = changedFields(before, settings);
  if (changed === undefined) return;
  await recordActivity(tx, context, {
    kind: 'publication.changed',
    publicationId: id,
    subjectId: id,
    before: recordedSettings(changed.before),
    after: recordedSettings(changed.after),
  });
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
export async function archivePublication(context: ChangeContext, id: string): Promise<void> {
  const { db, now } = context;
  await db.transaction(async (tx) => {
    if ((await markArchived(tx, id, now())) === 0) return;
    await recordActivity(tx, context, { kind: 'publication.archived', publicationId: id, subjectId: id });
  });
}
