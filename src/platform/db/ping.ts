import { waitAtMostMs } from '../process/timeouts.js';
import type { Db } from './database.js';
import { sql } from './sql.js';

/** A probe asks every few seconds and counts silence as an answer. */
const PING_TIMEOUT_MS = 2_000;

/** Whether Postgres answers, within 2 s. */
export async function isDatabaseReachable(db: Db): Promise<boolean> {
  let hasAnswered = false;
  const answered = db.run(sql`select 1`).then(
    () => (hasAnswered = true),
    () => false,
  );
  await waitAtMostMs(PING_TIMEOUT_MS, answered);
  return hasAnswered;
}
