import type { Context } from '../context.js';
import { findMailHold } from '../restore/installation.js';

/** How many rows a transaction changes, and how many transactions a run has: what is left is done an hour later. */
export type PurgeSize = { chunkSize: number; maxChunks: number };

export const USUAL_PURGE_SIZE: PurgeSize = { chunkSize: 5000, maxChunks: 400 };

/** A run takes minutes: meanwhile the clock may prove wrong, or the database restored from a copy. */
export async function mayDelete({
  db,
  clock,
  stopping,
}: Pick<Context, 'db' | 'clock' | 'stopping'>): Promise<boolean> {
  return clock.isTrusted() && !stopping.aborted && (await findMailHold(db)) === undefined;
}

export function monthsBefore(now: Date, months: number): Date {
  const before = new Date(now);
  before.setUTCMonth(before.getUTCMonth() - months);
  return before;
}
