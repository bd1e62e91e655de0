import type { Db, Tx } from '../../platform/db/database.js';
import { raw, sql } from '../../platform/db/sql.js';
import type { Operator } from '../operator.js';
import { operatorColumns } from '../reads.js';
import type { CredentialChange } from './credential-change.js';

/** An account with what is needed to check a password. */
export type PasswordAccount = {
  operator: Operator;
  hash: string | null;
  changedAt: Date | null;
};

/** By the key of an address; `hash` is null for an account without a password. */
export async function findPasswordAccount(
  db: Db | Tx,
  emailKey: string,
): Promise<PasswordAccount | undefined> {
  const row = await db.maybe<Operator & { hash: string | null; changedAt: Date | null }>(sql`
    select ${operatorColumns}, p.hash, p.changed_at
      from operators o
      left join operator_passwords p on p.operator_id = o.id
     where email_key = ${emailKey}
       and removed_at is null
  `);
  if (row === undefined) return undefined;
  const { hash, changedAt, ...operator } = row;
  return { operator, hash, changedAt };
}

/** What an account can sign in with. */
export type CredentialSummary = {
  passwordChangedAt: Date | null;
  passkeys: number;
  /** Codes are asked for after the password. */
  hasTotp: boolean;
  /** That were not used. */
  recoveryCodes: number;
};

export function summariseCredentials(db: Db | Tx, operatorId: string): Promise<CredentialSummary> {
  return db.one<CredentialSummary>(sql`
    select (select changed_at from operator_passwords where operator_id = ${operatorId}) as password_changed_at,
           (select count(*) from operator_passkeys where operator_id = ${operatorId}) as passkeys,
           exists (
             select from operator_totp where operator_id = ${operatorId} and confirmed_at is not null
           ) as has_totp,
           (
             select count(*) from operator_recovery_codes where operator_id = ${operatorId} and used_at is null
           ) as recovery_codes
  `);
}

export type Passkey = {
  id: string;
  operatorId: string;
  credentialId: string;
  publicKey: Buffer;
  counter: number;
  transports: string[];
  name: string;
  createdAt: Date;
  lastUsedAt: Date | null;
};

const passkeyColumns = raw(
  'id, operator_id, credential_id, public_key, counter, transports, name, created_at, last_used_at',
);

/** Of an account that was not removed. */
export function findPasskey(db: Db | Tx, credentialId: string): Promise<Passkey | undefined> {
  return db.maybe<Passkey>(sql`
    select ${passkeyColumns}
      from operator_passkeys
     where credential_id = ${credentialId}
       and exists (select from operators o where o.id = operator_id and removed_at is null)
  `);
}

export function listPasskeys(db: Db | Tx, operatorId: string): Promise<Passkey[]> {
  return db.many<Passkey>(sql`
    select ${passkeyColumns}
      from operator_passkeys
     where operator_id = ${operatorId}
     order by id
  `);
}

export type Totp = { confirmedAt: Date | null; lastStep: number };

export function findTotp(db: Db | Tx, operatorId: string): Promise<Totp | undefined> {
  return db.maybe<Totp>(sql`
    select confirmed_at, last_step
      from operator_totp
     where operator_id = ${operatorId}
  `);
}

export function findCredentialChange(db: Db | Tx, id: string): Promise<CredentialChange | undefined> {
  return db.maybe<CredentialChange>(sql`
    select id, operator_id, kind, changed_at
      from operator_credential_changes
     where id = ${id}
  `);
}
