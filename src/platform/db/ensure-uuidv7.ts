import type pg from 'pg';

/**
 * Makes `uuidv7()`, from which the ids of our rows come, where this Postgres has none: 18 is the first that brings it. It stands
 * beside our tables, so dumps and upgrades carry it, and where Postgres has its own, `uuidv7()` means that one.
 */
export async function ensureUuidv7(client: pg.Client): Promise<void> {
  const { rows } = await client.query<{ exists: boolean }>(
    `select to_regprocedure('uuidv7()') is not null as exists`,
  );
  if (rows[0]?.exists !== true) await client.query(CREATE_UUIDV7);
}

/**
 * RFC 9562 section 5.7: 48 bits of milliseconds, the version, 12 bits of the millisecond's fraction (section 6.2, method 3), then
 * the variant and random bits, which `gen_random_uuid()` has in the same places. One expression that names no table and no
 * setting is inlined where it is called, and its names are resolved now, whatever search_path calls it.
 */
const CREATE_UUIDV7 = `
  create function uuidv7() returns uuid
  language sql volatile parallel safe
  return (
    overlay(lpad(to_hex(floor(extract(epoch from clock_timestamp()) * 4096000)::bigint), 15, '0') placing '7' from 13 for 0)
    || substring(gen_random_uuid()::text from 19)
  )::uuid`;
