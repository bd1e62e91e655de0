import type { Tx } from '../platform/db/database.js';
import { sql } from '../platform/db/sql.js';
import type { Operator, Role } from './operator.js';
import { operatorColumns } from './reads.js';

/** Undefined when the address has an account. */
export function insertOperator(
  tx: Tx,
  operator: Pick<Operator, 'email' | 'emailKey' | 'name' | 'isAdministrator'>,
  now: Date,
): Promise<Operator | undefined> {
  return tx.maybe<Operator>(sql`
    insert into operators (email, email_key, name, is_administrator, created_at)
    values (${operator.email}, ${operator.emailKey}, ${operator.name}, ${operator.isAdministrator}, ${now})
    on conflict (email_key) where removed_at is null do nothing
    returning ${operatorColumns}
  `);
}

/** The account of somebody who accepts an invitation; her id was known before. */
export function insertOperatorWithId(
  tx: Tx,
  id: string,
  operator: Pick<Operator, 'email' | 'emailKey' | 'name'>,
  now: Date,
): Promise<number> {
  return tx.run(sql`
    insert into operators (id, email, email_key, name, created_at)
    values (${id}, ${operator.email}, ${operator.emailKey}, ${operator.name}, ${now})
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

/** What she signs in with; the secret of her codes is among the wrapped keys. */
export function deleteCredentials(tx: Tx, operatorId: string): Promise<number> {
  return tx.run(sql`
    with passwords as (delete from operator_passwords where operator_id = ${operatorId}),
         passkeys as (delete from operator_passkeys where operator_id = ${operatorId}),
         recovery_codes as (delete from operator_recovery_codes where operator_id = ${operatorId})
    delete from operator_totp
     where operator_id = ${operatorId}
  `);
}

/** Gives a role at a publication, or another in place of the one that is there. 0: she has it already. */
export function upsertRole(
  tx: Tx,
  { operatorId, publicationId, role }: { operatorId: string; publicationId: string; role: Role },
  now: Date,
): Promise<number> {
  return tx.run(sql`
    insert into operator_roles as r (operator_id, publication_id, role, created_at)
    values (${operatorId}, ${publicationId}, ${role}, ${now})
    on conflict (operator_id, publication_id) do update set role = excluded.role
     where r.role <> excluded.role
  `);
}

export function deleteRole(tx: Tx, operatorId: string, publicationId: string): Promise<number> {
  return tx.run(sql`
    delete from operator_roles
     where operator_id = ${operatorId}
       and publication_id = ${publicationId}
  `);
}

export function deleteRoles(tx: Tx, operatorId: string): Promise<number> {
  return tx.run(sql`
    delete from operator_roles
     where operator_id = ${operatorId}
  `);
}

/** 0 when she is that already, or has no account any more. */
export function updateAdministrator(tx: Tx, operatorId: string, isAdministrator: boolean): Promise<number> {
  return tx.run(sql`
    update operators
       set is_administrator = ${isAdministrator}
     where id = ${operatorId}
       and removed_at is null
       and is_administrator <> ${isAdministrator}
  `);
}

export function updateName(tx: Tx, operatorId: string, name: string | null): Promise<number> {
  return tx.run(sql`
    update operators
       set name = ${name}
     where id = ${operatorId}
       and removed_at is null
       and name is distinct from ${name}
  `);
}

/** She followed a link that had been mailed to her address. */
export function markEmailConfirmed(tx: Tx, operatorId: string, now: Date): Promise<number> {
  return tx.run(sql`
    update operators
       set email_confirmed_at = ${now}
     where id = ${operatorId}
       and email_confirmed_at is null
  `);
}

/** Nobody else changes her account, or her roles, until the transaction ends. Undefined: it was removed. */
export function lockOperator(tx: Tx, id: string): Promise<Operator | undefined> {
  return tx.maybe<Operator>(sql`
    select ${operatorColumns}
      from operators
     where id = ${id}
       and removed_at is null
       for update
  `);
}

/** @param exceptSid a session that goes on */
export function deleteSessionsOf(tx: Tx, operatorId: string, exceptSid?: string): Promise<number> {
  return tx.run(sql`
    delete from operator_sessions
     where operator_id = ${operatorId}
       and sid is distinct from ${exceptSid ?? null}
  `);
}

/** One change of rights at a time, until the transaction ends. */
export function lockRights(tx: Tx): Promise<number> {
  return tx.run(sql`select pg_advisory_xact_lock(hashtextextended('operators'' rights', 0))`);
}

/** Ends invitations that somebody sent and has no right to send any more. */
export function withdrawInvitationsBeyond(
  tx: Tx,
  invitedBy: string,
  now: Date,
): Promise<{ id: string; publicationId: string | null }[]> {
  return tx.many<{ id: string; publicationId: string | null }>(sql`
    update operator_invitations i
       set withdrawn_at = ${now}
     where i.invited_by = ${invitedBy}
       and i.accepted_at is null
       and i.withdrawn_at is null
       and not exists (
         select
           from operators o
           left join operator_roles r on r.operator_id = o.id and r.publication_id = i.publication_id
          where o.id = i.invited_by
            and o.removed_at is null
            and (o.is_administrator or (r.role = 'owner' and not i.is_administrator))
       )
    returning id, publication_id
  `);
}
