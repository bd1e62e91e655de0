import type { Tx } from '../../platform/db/database.js';
import { sql } from '../../platform/db/sql.js';
import type { Attack } from './attack.js';

export type NewAttack = Pick<Attack, 'publicationId' | 'cause' | 'forms' | 'refused' | 'usual'>;

/**
 * A publication has at most one attack at a time. One that an operator switches on while it runs becomes `by-hand`. A row that
 * was inserted and not updated has no `xmax` (Postgres manual, section 5.6 System Columns).
 */
export function startOrExtendAttack(
  tx: Tx,
  attack: NewAttack,
  now: Date,
): Promise<{ id: string; cause: Attack['cause']; isNew: boolean }> {
  const { publicationId, cause, forms, refused, usual } = attack;
  return tx.one(sql`
    insert into attacks as known (publication_id, cause, began_at, seen_at, forms, refused, usual)
    values (${publicationId}, ${cause}, ${now}, ${now}, ${forms}, ${refused}, ${usual})
    on conflict (publication_id) where ended_at is null do update
       set seen_at = excluded.seen_at,
           cause = case when excluded.cause = 'by-hand' then excluded.cause else known.cause end
    returning id, cause, xmax = 0 as is_new
  `);
}

export type EndedAttack = Pick<Attack, 'id' | 'publicationId' | 'cause'>;

/** Ends attacks without a sign since `seenBefore`, but for those that an operator began. */
export function endCalmAttacks(tx: Tx, seenBefore: Date, now: Date): Promise<EndedAttack[]> {
  return tx.many<EndedAttack>(sql`
    update attacks
       set ended_at = ${now}
     where ended_at is null
       and cause <> 'by-hand'
       and seen_at <= ${seenBefore}
    returning id, publication_id, cause
  `);
}

export function endAttack(tx: Tx, publicationId: string, now: Date): Promise<EndedAttack | undefined> {
  return tx.maybe<EndedAttack>(sql`
    update attacks
       set ended_at = ${now},
           ended_by_hand = true
     where publication_id = ${publicationId}
       and ended_at is null
    returning id, publication_id, cause
  `);
}

/** 0 when this proof was used before. */
export function insertUsedProof(tx: Tx, challenge: string, expiresAt: Date): Promise<number> {
  return tx.run(sql`
    insert into used_proofs (challenge, expires_at)
    values (${challenge}, ${expiresAt})
    on conflict do nothing
  `);
}

export function deleteExpiredProofs(tx: Tx, now: Date): Promise<number> {
  return tx.run(sql`
    delete from used_proofs
     where expires_at < ${now}
  `);
}
