import type { Tx } from '../platform/db/database.js';
import { sql } from '../platform/db/sql.js';
import type { Operator } from './operator.js';
import { operatorColumns } from './reads.js';

/** Undefined when the address has an account. */
export function insertOperator(
  tx: Tx,
  operator: Omit<Operator, 'id' | 'createdAt'>,
  now: Date,
): Promise<Operator | undefined> {
  return tx.maybe<Operator>(sql`
    insert into operators (email, email_key, name, role, created_at)
    values (${operator.email}, ${operator.emailKey}, ${operator.name}, ${operator.role}, ${now})
    on conflict (email_key) where removed_at is null do nothing
    returning ${operatorColumns}
  `);
}

export function markOperatorRemoved(tx: Tx, id: string, now: Date): Promise<number> {
  return tx.run(sql`
    update operators
       set removed_at = ${now}
     where id = ${id}
       and removed_at is null
  `);
}
