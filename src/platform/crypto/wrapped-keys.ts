import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import type { Db, Tx } from '../db/database.js';
import { sql } from '../db/sql.js';
import type { Key, Keys } from './keys.js';

/** `none`: nothing is stored. `locked`: none of our SECRET_KEYs unwraps it. */
export type OpenedSecret = { kind: 'open'; secret: Buffer } | { kind: 'none' } | { kind: 'locked' };

type WrappedSecret = { keyId: string; wrapped: Buffer };

/**
 * Reads a secret from the database, where it is wrapped (AES-256-GCM) under each SECRET_KEY; `purpose` is its name. Also wraps
 * it under those of our keys that it is not wrapped under yet, so that an older key can be removed later.
 * @throws when the stored bytes were changed (GCM authentication fails)
 */
export async function openSecret(tx: Tx, keys: Keys, purpose: string): Promise<OpenedSecret> {
  const rows = await tx.many<WrappedSecret>(
    sql`select key_id, wrapped from wrapped_keys where purpose = ${purpose}`,
  );
  if (rows.length === 0) return { kind: 'none' };
  const secret = unwrapWithAnyKey(rows, keys, purpose);
  if (secret === undefined) return { kind: 'locked' };
  await storeSecret(
    tx,
    keys.filter((key) => !rows.some((row) => row.keyId === key.id)),
    purpose,
    secret,
  );
  return { kind: 'open', secret };
}

/** Stores a secret, wrapped under each of these keys that is not unsubscribe-only. Where it is stored already, that stays. */
export async function storeSecret(
  tx: Tx,
  keys: readonly Key[],
  purpose: string,
  secret: Buffer,
): Promise<void> {
  for (const key of keys.filter(({ unsubscribeOnly }) => !unsubscribeOnly)) {
    await tx.run(sql`
      insert into wrapped_keys (purpose, key_id, wrapped)
      values (${purpose}, ${key.id}, ${wrap(key, purpose, secret)})
      on conflict (purpose, key_id) do nothing
    `);
  }
}

export async function deleteSecret(tx: Tx, purpose: string): Promise<void> {
  await tx.run(sql`delete from wrapped_keys where purpose = ${purpose}`);
}

/**
 * Wraps every secret under those of our keys that it is not wrapped under yet. It runs at each start, so the old SECRET_KEY
 * may be removed after one start with both. A secret that none of our keys unwraps stays as it is.
 */
export async function rewrapSecrets(db: Db, keys: Keys): Promise<void> {
  const rows = await db.many<{ purpose: string; keyIds: string[] }>(sql`
    select purpose, array_agg(key_id) as key_ids
      from wrapped_keys
     group by purpose
  `);
  const trusted = keys.filter((key) => !key.unsubscribeOnly);
  const incomplete = rows.filter(({ keyIds }) => trusted.some((key) => !keyIds.includes(key.id)));
  for (const { purpose } of incomplete) await db.transaction((tx) => openSecret(tx, keys, purpose));
  await db.transaction((tx) => deleteUntrustedWraps(tx, keys));
}

/** Deletes a secret's copies under unsubscribe-only keys, if it has one under another of our keys. */
async function deleteUntrustedWraps(tx: Tx, keys: Keys): Promise<void> {
  const unsubscribeOnly = keys.filter((key) => key.unsubscribeOnly).map(({ id }) => id);
  const trusted = keys.filter((key) => !key.unsubscribeOnly).map(({ id }) => id);
  if (unsubscribeOnly.length === 0) return;
  await tx.run(sql`
    delete from wrapped_keys w
     where key_id = any(${unsubscribeOnly}::text[])
       and exists (select from wrapped_keys o where o.purpose = w.purpose and o.key_id = any(${trusted}::text[]))
  `);
}

function unwrapWithAnyKey(rows: readonly WrappedSecret[], keys: Keys, purpose: string): Buffer | undefined {
  for (const { keyId, wrapped } of rows) {
    const key = keys.find((one) => one.id === keyId);
    if (key !== undefined) return unwrap(key, purpose, wrapped);
  }
  return undefined;
}

function wrap(key: Key, purpose: string, secret: Buffer): Buffer {
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv('aes-256-gcm', key.derive(`wrap:${purpose}`), nonce);
  return Buffer.concat([nonce, cipher.update(secret), cipher.final(), cipher.getAuthTag()]);
}

function unwrap(key: Key, purpose: string, wrapped: Buffer): Buffer {
  const nonce = wrapped.subarray(0, NONCE_BYTES);
  const decipher = createDecipheriv('aes-256-gcm', key.derive(`wrap:${purpose}`), nonce);
  decipher.setAuthTag(wrapped.subarray(-TAG_BYTES));
  return Buffer.concat([decipher.update(wrapped.subarray(NONCE_BYTES, -TAG_BYTES)), decipher.final()]);
}

const [NONCE_BYTES, TAG_BYTES] = [12, 16];
