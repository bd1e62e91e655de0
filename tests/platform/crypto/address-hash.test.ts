import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { loadAddressHasher } from '../../../src/platform/crypto/address-hash.js';
import { sql } from '../../../src/platform/db/sql.js';
import { deriveKey } from '../../../src/platform/crypto/keys.js';
import { rewrapSecrets } from '../../../src/platform/crypto/wrapped-keys.js';
import { createTestDatabase, type TestDatabase } from '../../support/test-database.js';
import { dumpTables } from '../../support/table-dump.js';

const [old, fresh, stranger] = [
  deriveKey('old'.repeat(16)),
  deriveKey('new'.repeat(16)),
  deriveKey('x'.repeat(48)),
];
const email = 'reader@example.com';
let database: TestDatabase;

beforeAll(async () => {
  database = await createTestDatabase();
});

beforeEach(() => database.db.run(sql`delete from wrapped_keys`));

afterAll(() => database.close());

test('an address has the same hash after a restart, and after a rotation of the keys', async () => {
  const { db } = database;
  const before = (await loadAddressHasher(db, [old]))(email);
  expect(before).toHaveLength(32);
  expect((await loadAddressHasher(db, [old]))(email)).toEqual(before);
  expect((await loadAddressHasher(db, [fresh, old]))(email)).toEqual(before);
  // From now on the new key alone opens it: the old one may be removed.
  expect((await loadAddressHasher(db, [fresh]))(email)).toEqual(before);
  expect(await db.many(sql`select purpose from wrapped_keys`)).toHaveLength(2);
});

test('a key that others may have seen unwraps once, and then opens nothing in the database', async () => {
  const { db } = database;
  const before = (await loadAddressHasher(db, [old]))(email);
  const seen = deriveKey(`unsubscribe-only:${'old'.repeat(16)}`);
  for (let start = 0; start < 2; start += 1) {
    await rewrapSecrets(db, [fresh, seen]);
    expect((await loadAddressHasher(db, [fresh, seen]))(email)).toEqual(before);
    expect(await db.many(sql`select key_id from wrapped_keys`)).toEqual([{ keyId: fresh.id }]);
  }
});

test('many processes that start at once on an empty database agree', async () => {
  const hashers = await Promise.all(Array.from({ length: 8 }, () => loadAddressHasher(database.db, [old])));
  expect(new Set(hashers.map((hash) => hash(email).toString('hex'))).size).toBe(1);
  expect(await database.db.many(sql`select purpose from wrapped_keys`)).toHaveLength(1);
});

test('two databases hash differently, even under the same SECRET_KEY: a list cannot be compared with another', async () => {
  const before = (await loadAddressHasher(database.db, [old]))(email);
  await database.db.run(sql`delete from wrapped_keys`);
  expect((await loadAddressHasher(database.db, [old]))(email)).not.toEqual(before);
});

test('without the key that wrapped it the process does not start, says why, and changes nothing', async () => {
  await loadAddressHasher(database.db, [old]);
  const before = await dumpTables(database.db);
  await expect(loadAddressHasher(database.db, [stranger])).rejects.toThrow(
    'This database was made with another SECRET_KEY',
  );
  expect(await dumpTables(database.db)).toEqual(before);
});

test('a wrapped key that was changed is refused', async () => {
  await loadAddressHasher(database.db, [old]);
  await database.db.run(sql`
    update wrapped_keys set wrapped = set_byte(wrapped, 20, get_byte(wrapped, 20) # 1)
  `);
  await expect(loadAddressHasher(database.db, [old])).rejects.toThrow();
});

test('the database contains neither the key nor anything to compute it from', async () => {
  const hash = await loadAddressHasher(database.db, [old]);
  const { wrapped } = await database.db.one<{ wrapped: Buffer }>(sql`select wrapped from wrapped_keys`);
  // Nonce, 256 bits, tag; and a fresh nonce each time.
  expect(wrapped).toHaveLength(12 + 32 + 16);
  await database.db.run(sql`delete from wrapped_keys`);
  await loadAddressHasher(database.db, [old]);
  const again = await database.db.one<{ wrapped: Buffer }>(sql`select wrapped from wrapped_keys`);
  expect(again.wrapped.subarray(0, 12)).not.toEqual(wrapped.subarray(0, 12));
  expect(hash(email).toString('latin1')).not.toContain('reader');
});
