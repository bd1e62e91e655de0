import type { Context } from '../platform/context.js';
import type { Db } from '../platform/db/database.js';
import { listRunningAttacks } from './attack-reads.js';

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
const KNOWN_FOR_MS = 5_000;

type Known = { until: number; publicationIds: Promise<ReadonlySet<string>> };
const known = new WeakMap<Db, Known>();

/** Whether this newsletter's forms ask for work now. Nearly always answered from memory: every form asks this. */
export async function isUnderAttack(
  { db, now }: Pick<Context, 'db' | 'now'>,
  publicationId: string,
): Promise<boolean> {
  const at = now().getTime();
  const fresh = known.get(db);
  if (fresh !== undefined && at < fresh.until) return (await fresh.publicationIds).has(publicationId);
  const publicationIds = readRunning(db);
  // Kept before it is there: a thousand at once ask the database once. A failed question is asked anew.
  known.set(db, { until: at + KNOWN_FOR_MS, publicationIds });
  publicationIds.catch(() => known.delete(db));
  return (await publicationIds).has(publicationId);
}

/** An attack began or ended here: this process knows at once. */
export function forgetAttacks({ db }: Pick<Context, 'db'>): void {
  known.delete(db);
}

async function readRunning(db: Db): Promise<ReadonlySet<string>> {
  return new Set((await listRunningAttacks(db)).map(({ publicationId }) => publicationId));
}
