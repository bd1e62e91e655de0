import { arrayLiteral } from '../db/array-literal.js';
import type { Db, Tx } from '../db/database.js';
import { sql } from '../db/sql.js';

/** The owner of what belongs to no single publication or digest. */
export const NO_OWNER = '00000000-0000-0000-0000-000000000000';

/** One of the numbers that are kept under a name; `key` says which of its owner's. */
export type KeptCount = { ownerId: string; key: string[]; count: number };

/** The numbers of some owners, without those that are zero; in one statement, so that sums hold. */
export function readCounts(db: Db | Tx, name: string, ownerIds: readonly string[]): Promise<KeptCount[]> {
  return db.many<KeptCount>(sql`
    select owner_id, key, sum(count)::bigint as count
      from counts
     where name = ${name}
       and owner_id = any(${arrayLiteral(ownerIds)}::uuid[])
     group by owner_id, key
    having sum(count) <> 0
  `);
}

/**
 * Numbers that are kept for each quarter of an hour, added up between moments.
 * @param bounds ascending; `span` 0 lies between the first two
 */
export function readCountsBetween(
  db: Db | Tx,
  { name, ownerId }: { name: string; ownerId: string },
  bounds: readonly Date[],
): Promise<{ span: number; key: string[]; count: number }[]> {
  return db.many(sql`
    select width_bucket(at, ${[...bounds]}::timestamptz[]) - 1 as span, key, sum(count)::bigint as count
      from counts
     where name = ${name}
       and owner_id = ${ownerId}
       and at >= ${bounds[0]}
       and at < ${bounds.at(-1)}
     group by span, key
    having sum(count) <> 0
  `);
}

/** What was added to, or taken from, one of the numbers of an owner. */
export type CountChange = { name: string; key: readonly string[]; count: number };

/** Of numbers without a single owner that are kept for each quarter of an hour: those of the one that `at` is in. */
export async function addToTimedCounts(
  tx: Tx,
  name: string,
  changes: readonly Omit<CountChange, 'name'>[],
  at: Date,
): Promise<void> {
  if (changes.length === 0) return;
  await tx.run(sql`
    insert into count_changes (name, owner_id, key, at, count)
    select ${name}, ${NO_OWNER}::uuid, key::text[], quarter_hour_of(${at}), count
      from unnest(${arrayLiteral(changes.map(({ key }) => arrayLiteral(key)))}::text[],
                  ${arrayLiteral(changes.map(({ count }) => count))}::bigint[]) as change (key, count)
  `);
}

/** In the transaction of what it counts. It waits for nobody: each change is a row of its own. */
export async function addToCounts(tx: Tx, ownerId: string, changes: readonly CountChange[]): Promise<void> {
  const real = changes.filter(({ count }) => count !== 0);
  if (real.length === 0) return;
  await tx.run(sql`
    insert into count_changes (name, owner_id, key, count)
    select name, ${ownerId}::uuid, key::text[], count
      from unnest(${arrayLiteral(real.map(({ name }) => name))}::text[],
                  ${arrayLiteral(real.map(({ key }) => arrayLiteral(key)))}::text[],
                  ${arrayLiteral(real.map(({ count }) => count))}::bigint[]) as change (name, key, count)
  `);
}
