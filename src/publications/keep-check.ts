import type { Context } from '../platform/context.js';
import type { CheckKind, CheckResults } from './check.js';
import { recordCheck } from './writes.js';

/** Keeps what was found, in place of what was found before. */
export async function keepCheck<Kind extends CheckKind>(
  { db, now }: Pick<Context, 'db' | 'now'>,
  publicationId: string,
  check: { kind: Kind; result: CheckResults[Kind] },
): Promise<void> {
  await db.transaction((tx) => recordCheck(tx, publicationId, check, now()));
}
