import type { Tx } from '../../platform/db/database.js';
import { sql } from '../../platform/db/sql.js';
import type { CredentialChangeKind } from './credential-change.js';
import type { Passkey } from './reads.js';

export function upsertPassword(tx: Tx, operatorId: string, hash: string, now: Date): Promise<number> {
  return tx.run(sql`
    insert into operator_passwords (operator_id, hash, changed_at)
    values (${operatorId}, ${hash}, ${now})
    on conflict (operator_id) do update set hash = excluded.hash, changed_at = excluded.changed_at
  `);
}

/** 0: a passkey with this id is known, of this account or another. */
export function insertPasskey(
  tx: Tx,
  passkey: Omit<Passkey, 'id' | 'createdAt' | 'lastUsedAt'>,
  now: Date,
): Promise<number> {
  return tx.run(sql`
    insert into operator_passkeys (operator_id, credential_id, public_key, counter, transports, name, created_at)
    values (${passkey.operatorId}, ${passkey.credentialId}, ${passkey.publicKey}, ${passkey.counter},
            ${passkey.transports}, ${passkey.name}, ${now})
    on conflict (credential_id) do nothing
  `);
}

/** 0: it was removed meanwhile, or its counter went on, with a copy of it. */
export function recordPasskeyUse(
  tx: Tx,
  { id, counter }: Pick<Passkey, 'id' | 'counter'>,
  newCounter: number,
  now: Date,
): Promise<number> {
  return tx.run(sql`
    update operator_passkeys
       set counter = ${newCounter},
           last_used_at = ${now}
     where id = ${id}
       and counter = ${counter}
  `);
}

export function deletePasskey(tx: Tx, operatorId: string, id: string): Promise<number> {
  return tx.run(sql`
    delete from operator_passkeys
     where operator_id = ${operatorId}
       and id = ${id}
  `);
}

/** 0: it was answered before. */
export function insertUsedChallenge(tx: Tx, challenge: string, expiresAt: Date): Promise<number> {
  return tx.run(sql`
    insert into used_passkey_challenges (challenge, expires_at)
    values (${challenge}, ${expiresAt})
    on conflict (challenge) do nothing
  `);
}

export function deleteExpiredChallenges(tx: Tx, now: Date): Promise<number> {
  return tx.run(sql`
    delete from used_passkey_challenges
     where expires_at < ${now}
  `);
}

/** A new secret, that no code has shown to be in her program yet. 0: she has one that is in use. */
export function upsertUnconfirmedTotp(tx: Tx, operatorId: string, now: Date): Promise<number> {
  return tx.run(sql`
    insert into operator_totp as t (operator_id, created_at)
    values (${operatorId}, ${now})
    on conflict (operator_id) do update set created_at = excluded.created_at, last_step = -1
     where t.confirmed_at is null
  `);
}

/** Takes a code by its step, unless that one or a later one was taken before. 0: it was. */
export function takeTotpStep(tx: Tx, operatorId: string, step: number): Promise<number> {
  return tx.run(sql`
    update operator_totp
       set last_step = ${step}
     where operator_id = ${operatorId}
       and last_step < ${step}
  `);
}

export function markTotpConfirmed(tx: Tx, operatorId: string, now: Date): Promise<number> {
  return tx.run(sql`
    update operator_totp
       set confirmed_at = ${now}
     where operator_id = ${operatorId}
       and confirmed_at is null
  `);
}

export function deleteTotp(tx: Tx, operatorId: string): Promise<number> {
  return tx.run(sql`
    delete from operator_totp
     where operator_id = ${operatorId}
  `);
}

export function deleteRecoveryCodes(tx: Tx, operatorId: string): Promise<number> {
  return tx.run(sql`
    delete from operator_recovery_codes
     where operator_id = ${operatorId}
  `);
}

export function insertRecoveryCodes(tx: Tx, operatorId: string, hashes: readonly Buffer[]): Promise<number> {
  return tx.run(sql`
    insert into operator_recovery_codes (operator_id, code_hash)
    select ${operatorId}, decode(hash, 'hex')
      from unnest(${hashes.map((hash) => hash.toString('hex'))}::text[]) as hash
  `);
}

/** 0: there is no such code, or it was used before. */
export function markRecoveryCodeUsed(
  tx: Tx,
  operatorId: string,
  codeHash: Buffer,
  now: Date,
): Promise<number> {
  return tx.run(sql`
    update operator_recovery_codes
       set used_at = ${now}
     where operator_id = ${operatorId}
       and code_hash = ${codeHash}
       and used_at is null
  `);
}

export function insertCredentialChange(
  tx: Tx,
  operatorId: string,
  kind: CredentialChangeKind,
  now: Date,
): Promise<{ id: string }> {
  return tx.one<{ id: string }>(sql`
    insert into operator_credential_changes (operator_id, kind, changed_at)
    values (${operatorId}, ${kind}, ${now})
    returning id
  `);
}

export function deleteOldCredentialChanges(tx: Tx, before: Date): Promise<number> {
  return tx.run(sql`
    delete from operator_credential_changes
     where changed_at < ${before}
  `);
}
