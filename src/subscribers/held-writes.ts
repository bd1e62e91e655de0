import type { Tx } from '../platform/db/database.js';
import { sql, type Sql } from '../platform/db/sql.js';
import type { WhichHeld } from './held.js';

/** held -> unanswered. Those that waited, and wait no more. */
export async function releaseRequests(tx: Tx, which: WhichHeld): Promise<string[]> {
  const rows = await tx.many<{ id: string }>(sql`
    update sign_up_requests
       set outcome = null
     where outcome = 'held'
       and ${chosen(which)}
    returning id
  `);
  return rows.map(({ id }) => id);
}

export function deleteRequests(tx: Tx, which: WhichHeld): Promise<number> {
  return tx.run(sql`
    delete from sign_up_requests
     where outcome = 'held'
       and ${chosen(which)}
  `);
}

function chosen(which: WhichHeld): Sql {
  if ('id' in which) return sql`id = ${which.id}`;
  const { publicationId, reason } = which;
  if (reason === undefined) return sql`publication_id = ${publicationId}`;
  return sql`publication_id = ${publicationId} and ${reason} = any(reasons)`;
}
