import type { Context } from '../../platform/context.js';
import type { Db } from '../../platform/db/database.js';
import { listRunningAttacks } from './reads.js';

export const attackCauses = ['flood', 'refusals', 'by-hand'] as const;

/** A time in which forms ask for work first, and what cannot do it waits for a person. */
export type Attack = {
  id: string;
  publicationId: string;
  cause: (typeof attackCauses)[number];
  beganAt: Date;
  /** When it was last seen to go on. */
  seenAt: Date;
  /** In ten minutes when it began: forms, those sent back or capped, and the usual number of forms. */
  forms: number;
  refused: number;
  usual: number;
};

/** How late this process may learn that an attack began or ended elsewhere. */
const CACHE_TTL_MS = 5_000;

type CachedAttacks = { until: number; publicationIds: Promise<ReadonlySet<string>> };
const cachedAttacks = new WeakMap<Db, CachedAttacks>();

/** Whether this newsletter's forms ask for work now. Nearly always answered from memory: every form asks this. */
export async function isUnderAttack(
  { db, now }: Pick<Context, 'db' | 'now'>,
  publicationId: string,
): Promise<boolean> {
  const at = now().getTime();
  const fresh = cachedAttacks.get(db);
  if (fresh !== undefined && at < fresh.until) return (await fresh.publicationIds).has(publicationId);
  const publicationIds = readAttackedPublications(db);
  // Kept before it is there: a thousand at once ask the database once. A failed question is asked anew.
  cachedAttacks.set(db, { until: at + CACHE_TTL_MS, publicationIds });
  publicationIds.catch(() => cachedAttacks.delete(db));
  return (await publicationIds).has(publicationId);
}

/** An attack began or ended here: this process knows at once. */
export function invalidateAttackCache({ db }: Pick<Context, 'db'>): void {
  cachedAttacks.delete(db);
}

async function readAttackedPublications(db: Db): Promise<ReadonlySet<string>> {
  return new Set((await listRunningAttacks(db)).map(({ publicationId }) => publicationId));
}
