import type { Context } from '../../platform/context.js';
import type { Db } from '../../platform/db/database.js';
import { listRunningAttacks } from './reads.js';

/** How late this process may learn that an attack began or ended elsewhere. */
const CACHE_TTL_MS = 5_000;

type CachedAttacks = { expiresAt: number; publicationIds: Promise<ReadonlySet<string>> };
const cachedAttacks = new WeakMap<Db, CachedAttacks>();

/** Whether a publication's forms ask for a proof of work now. Every form asks, so the list of attacks is cached. */
export async function isUnderAttack(
  { db, now }: Pick<Context, 'db' | 'now'>,
  publicationId: string,
): Promise<boolean> {
  const at = now().getTime();
  const cached = cachedAttacks.get(db);
  if (cached !== undefined && at < cached.expiresAt) return (await cached.publicationIds).has(publicationId);
  const publicationIds = readAttackedPublications(db);
  // The promise is cached, not its result: a thousand forms at once lead to one query. A failed one is not cached.
  cachedAttacks.set(db, { expiresAt: at + CACHE_TTL_MS, publicationIds });
  publicationIds.catch(() => cachedAttacks.delete(db));
  return (await publicationIds).has(publicationId);
}

/** For this process, which began or ended an attack; others learn of it when their cache expires. */
export function invalidateAttackCache({ db }: Pick<Context, 'db'>): void {
  cachedAttacks.delete(db);
}

async function readAttackedPublications(db: Db): Promise<ReadonlySet<string>> {
  return new Set((await listRunningAttacks(db)).map(({ publicationId }) => publicationId));
}
