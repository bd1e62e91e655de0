import { arrayLiteral } from '../../platform/db/array-literal.js';
import type { Db, Tx } from '../../platform/db/database.js';
import { sql } from '../../platform/db/sql.js';
import { subscriptionIdsOf, type AttemptKey, type BatchKey } from '../delivery.js';
import type { LogDoubt } from '../log-doubt.js';
import type { Notice } from '../notices/notice.js';

/** Notes why the log decided nothing about these uncertain deliveries. Neither their state nor its time changes. */
export function noteDoubts(
  tx: Tx,
  batch: BatchKey,
  rows: readonly (AttemptKey & { doubt: LogDoubt })[],
): Promise<number> {
  return tx.run(sql`
    update deliveries d
       set log_doubt = looked.doubt
      from unnest(${arrayLiteral(subscriptionIdsOf(rows))}::uuid[],
                  ${arrayLiteral(rows.map(({ attempt }) => attempt))}::integer[],
                  ${arrayLiteral(rows.map(({ doubt }) => doubt))}::text[]) as looked (subscription_id, attempt, doubt)
     where d.digest_id = ${batch.digestId}
       and d.batch = ${batch.number}
       and d.subscription_id = looked.subscription_id
       and d.attempt = looked.attempt
       and d.state = 'uncertain'
       and d.log_doubt is distinct from looked.doubt
  `);
}

/** The same for a notice. */
export function noteNoticeDoubt(
  db: Db | Tx,
  { id, attempt }: Pick<Notice, 'id' | 'attempt'>,
  doubt: LogDoubt,
): Promise<number> {
  return db.run(sql`
    update notices
       set log_doubt = ${doubt}
     where id = ${id}
       and attempt = ${attempt}
       and state = 'uncertain'
       and log_doubt is distinct from ${doubt}
  `);
}
