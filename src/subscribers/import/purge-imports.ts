import type { Context } from '../../platform/context.js';
import { LONG_STATEMENT_LIMIT_MS } from '../../platform/db/database.js';
import { DAY_MS } from '../../platform/durations.js';
import { deleteOldContents } from './writes.js';

/** For so long an operator can finish an import, and mend the lines of one that could not be read. */
const KEPT_MS = 30 * DAY_MS;

/** Deletes imports that were left unfinished, and what could not be read of the others. */
export async function deleteOldImports({ db, now }: Pick<Context, 'db' | 'now'>): Promise<void> {
  const before = new Date(now().getTime() - KEPT_MS);
  await db.transaction((tx) => deleteOldContents(tx, before), { statementLimitMs: LONG_STATEMENT_LIMIT_MS });
}
