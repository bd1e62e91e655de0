import type { Db } from '../../src/platform/db/database.js';
import { sql } from '../../src/platform/db/sql.js';

export { poisonRow } from '../../bench/support/poison-row.js';

export type FailedRowEntry = {
  operation: string;
  kind: string;
  rowId: string;
  code: string;
  failures: number;
  retryAt: Date | null;
};

export function listMarks(db: Db): Promise<FailedRowEntry[]> {
  return db.many(sql`
    select operation, kind, row_id, code, failures, retry_at
      from failed_rows
     order by operation, kind, row_id
  `);
}
