import { createCipheriv, createDecipheriv, createHmac, randomBytes } from 'node:crypto';
import type { Db, Tx } from './db/database.js';
import { sql } from './db/sql.js';
import { ExplainedError } from './explained-error.js';
import type { Key, Keys } from './keys.js';

/** A keyed hash of a folded address: recognises it again without keeping it. */
export type AddressHasher = (emailKey: string) => Buffer;

const PURPOSE = 'address-hash';

/**
 * The key of the hashes does not rotate, or every suppression would be forgotten: it is made once and kept wrapped
 * (AES-256-GCM) under each SECRET_KEY.
 * @throws when the database has the key, but none of our SECRET_KEYs opens it
 */
export async function loadAddressHasher(db: Db, keys: Keys): Promise<AddressHasher> {
  const key = await db.transaction((tx) => openOrMake(tx, keys));
  return (emailKey) => createHmac('sha256', key).update(emailKey).digest();
}

async function openOrMake(tx: Tx, keys: Keys): Promise<Buffer> {
  await tx.run(sql`select pg_advisory_xact_lock(hashtext(${PURPOSE}))`);
  const kept = await tx.many<{ keyId: string; wrapped: Buffer }>(
    sql`select key_id, wrapped from wrapped_keys where purpose = ${PURPOSE}`,
  );
  const secret = kept.length === 0 ? randomBytes(32) : unwrapAny(kept, keys);
  for (const key of keys) {
    if (!kept.some((row) => row.keyId === key.id)) await keep(tx, key, wrap(key, secret));
  }
  return secret;
}

async function keep(tx: Tx, key: Key, wrapped: Buffer): Promise<void> {
  await tx.run(sql`
    insert into wrapped_keys (purpose, key_id, wrapped)
    values (${PURPOSE}, ${key.id}, ${wrapped})
  `);
}

function unwrapAny(kept: { keyId: string; wrapped: Buffer }[], keys: Keys): Buffer {
  for (const { keyId, wrapped } of kept) {
    const key = keys.find((one) => one.id === keyId);
    if (key !== undefined) return unwrap(key, wrapped);
  }
  throw new ExplainedError(
    'This database was made with another SECRET_KEY, and without it no suppression can be recognised. ' +
      'Nothing was sent or changed. Put the old key back, after a space behind the new one.',
  );
}

function wrap(key: Key, secret: Buffer): Buffer {
  const nonce = randomBytes(12);
  const cipher = createCipheriv('aes-256-gcm', key.for(`wrap:${PURPOSE}`), nonce);
  return Buffer.concat([nonce, cipher.update(secret), cipher.final(), cipher.getAuthTag()]);
}

function unwrap(key: Key, wrapped: Buffer): Buffer {
  const decipher = createDecipheriv('aes-256-gcm', key.for(`wrap:${PURPOSE}`), wrapped.subarray(0, 12));
  decipher.setAuthTag(wrapped.subarray(-16));
  return Buffer.concat([decipher.update(wrapped.subarray(12, -16)), decipher.final()]);
}
