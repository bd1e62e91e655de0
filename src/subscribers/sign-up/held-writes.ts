import type { Tx } from '../../platform/db/database.js';
import { sql, type Sql } from '../../platform/db/sql.js';
import type { HeldSelection } from './held.js';

/** held -> unanswered. Those that waited, and wait no more. */
export async function releaseHeldRequests(tx: Tx, which: HeldSelection): Promise<string[]> {
  const rows = await tx.many<{ id: string }>(sql`
    update sign_up_requests
       set outcome = null
     where outcome = 'held'
       and ${isSelected(which)}
    returning id
  `);
  return rows.map(({ id }) => id);
}

export function deleteHeldRequests(tx: Tx, which: HeldSelection): Promise<number> {
  return tx.run(sql`
    delete from sign_up_requests
     where outcome = 'held'
       and ${isSelected(which)}
  `);
}

function isSelected(which: HeldSelection): Sql {
  if ('id' in which) return sql`id = ${which.id}`;
  const { publicationId, reason } = which;
  if (reason === undefined) return sql`publication_id = ${publicationId}`;
  return sql`publication_id = ${publicationId} and ${reason} = any(reasons)`;
}
