import type { Db, Tx } from '../../platform/db/database.js';
import { raw, sql } from '../../platform/db/sql.js';

/** Somebody asked for a link by which an account's owner signs in again. */
export type Recovery = {
  id: string;
  addressHash: Buffer;
  createdAt: Date;
  expiresAt: Date;
  /** Null: no account has the address, or nobody has looked yet. */
  operatorId: string | null;
};

export const recoveryColumns = raw('id, address_hash, created_at, expires_at, operator_id');

/** Undefined: its link was used, has expired, or is not there. */
export function findOpenRecovery(db: Db | Tx, id: string, now: Date): Promise<Recovery | undefined> {
  return db.maybe<Recovery>(sql`
    select ${recoveryColumns}
      from operator_recoveries
     where id = ${id}
       and used_at is null
       and expires_at > ${now}
  `);
}

/** How many links an account was given since then. */
export async function countRecoveries(db: Db | Tx, operatorId: string, since: Date): Promise<number> {
  const { count } = await db.one<{ count: number }>(sql`
    select count(*)
      from operator_recoveries
     where operator_id = ${operatorId}
       and created_at > ${since}
  `);
  return count;
}
