import type { Tx } from '../../platform/db/database.js';
import { sql } from '../../platform/db/sql.js';
import { recoveryColumns, type Recovery } from './reads.js';

export function insertRecovery(
  tx: Tx,
  recovery: Pick<Recovery, 'addressHash' | 'createdAt' | 'expiresAt'>,
): Promise<{ id: string }> {
  return tx.one<{ id: string }>(sql`
    insert into operator_recoveries (address_hash, created_at, expires_at)
    values (${recovery.addressHash}, ${recovery.createdAt}, ${recovery.expiresAt})
    returning id
  `);
}

/** 0: it was answered before. */
export function assignRecovery(tx: Tx, id: string, operatorId: string): Promise<number> {
  return tx.run(sql`
    update operator_recoveries
       set operator_id = ${operatorId}
     where id = ${id}
       and operator_id is null
  `);
}

/** Undefined: it was used before, has expired, or its account was removed. */
export function markRecoveryUsed(tx: Tx, id: string, now: Date): Promise<Recovery | undefined> {
  return tx.maybe<Recovery>(sql`
    update operator_recoveries
       set used_at = ${now}
     where id = ${id}
       and used_at is null
       and expires_at > ${now}
       and exists (select from operators o where o.id = operator_id and o.removed_at is null)
    returning ${recoveryColumns}
  `);
}

/** Others of the same account: who has just recovered it needs none. */
export function closeRecoveries(tx: Tx, operatorId: string, now: Date): Promise<number> {
  return tx.run(sql`
    update operator_recoveries
       set used_at = ${now}
     where operator_id = ${operatorId}
       and used_at is null
  `);
}

export function deleteOldRecoveries(tx: Tx, before: Date): Promise<number> {
  return tx.run(sql`
    delete from operator_recoveries
     where expires_at < ${before}
  `);
}
