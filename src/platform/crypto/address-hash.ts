import { randomBytes } from 'node:crypto';
import type { Db, Tx } from '../db/database.js';
import { sql } from '../db/sql.js';
import { UserFacingError } from '../user-facing-error.js';
import { createShortHmac } from './hmac.js';
import type { Keys } from './keys.js';
import { storeSecret, openSecret } from './wrapped-keys.js';

/** A keyed hash of an address (its `emailKey`), by which we recognise the address without storing it. */
export type AddressHasher = (emailKey: string) => Buffer;

const KEY_PURPOSE = 'address-hash';

/**
 * Makes the hasher. Its key is made once and stored, wrapped under each SECRET_KEY. It does not rotate, since suppressions
 * could not be recognised with another key.
 * @throws when none of our SECRET_KEYs unwraps the stored key
 */
export async function loadAddressHasher(db: Db, keys: Keys): Promise<AddressHasher> {
  const key = await db.transaction((tx) => loadOrCreateKey(tx, keys));
  const hmac = createShortHmac(key, MAX_ADDRESS_BYTES);
  return (emailKey) => Buffer.from(hmac(Buffer.from(emailKey)), 'binary');
}

/** The hasher's key itself, for an archive that takes suppressions to another installation. @throws as the hasher */
export function readAddressHashKey(db: Db, keys: Keys): Promise<Buffer> {
  return db.transaction((tx) => loadOrCreateKey(tx, keys));
}

/** More than the 64 and 255 octets of RFC 5321 section 4.5.3.1, for addresses that were never checked. */
const MAX_ADDRESS_BYTES = 4096;

async function loadOrCreateKey(tx: Tx, keys: Keys): Promise<Buffer> {
  await tx.run(sql`select pg_advisory_xact_lock(hashtext(${KEY_PURPOSE}))`);
  const opened = await openSecret(tx, keys, KEY_PURPOSE);
  if (opened.kind === 'open') return opened.secret;
  if (opened.kind === 'locked') throw new UserFacingError(LOCKED_MESSAGE);
  const secret = randomBytes(32);
  await storeSecret(tx, keys, KEY_PURPOSE, secret);
  return secret;
}

const LOCKED_MESSAGE =
  'This database was made with another SECRET_KEY, and without it no suppression can be recognised. ' +
  'Nothing was sent or changed. Put the old key back, after a space behind the new one.';
