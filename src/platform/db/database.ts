import pg from 'pg';
import { camelCaseRow } from './camel-case.js';
import type { Sql } from './sql.js';

/** Bigints (sequence numbers, counts) stay far below 2^53, so they are plain numbers here. */
const TYPE_PARSERS: pg.CustomTypesConfig = {
  getTypeParser: (oid, format) =>
    oid === pg.types.builtins.INT8 ? Number : pg.types.getTypeParser(oid, format),
};

type Queries = {
  /** All rows, column names in camelCase. */
  many<Row>(query: Sql): Promise<Row[]>;
  /** The first row; undefined when there is none, as expected for what may be absent or changed meanwhile. */
  maybe<Row>(query: Sql): Promise<Row | undefined>;
  /** The first row; throws when there is none, because the caller's logic says there must be one. */
  one<Row>(query: Sql): Promise<Row>;
  /** Runs a statement; returns how many rows it changed. */
  run(query: Sql): Promise<number>;
};

declare const inTransaction: unique symbol;

/** Queries inside an open transaction. Branded, so that a write without a transaction does not compile. */
export type Tx = Queries & { readonly [inTransaction]: true };

export type Db = Queries & {
  /** Runs `work` in one transaction: commits when it returns, rolls back when it throws. */
  transaction<Result>(work: (tx: Tx) => Promise<Result>): Promise<Result>;
  /** For libraries that bring SQL of their own (sessions, rate limits), and for nothing else. */
  pool: pg.Pool;
  close(): Promise<void>;
};

/**
 * A pool of connections to Postgres.
 * @param url a postgres:// address
 * @param onIdleError called when an idle connection breaks; the pool replaces it by itself
 * @param max most connections this process may hold
 */
export function connectDatabase(url: string, onIdleError: (error: Error) => void, max = 20): Db {
  const pool = new pg.Pool({
    connectionString: url,
    max,
    types: TYPE_PARSERS,
    application_name: 'paperround',
  });
  pool.on('error', onIdleError);
  return {
    ...createQueries(pool),
    transaction: (work) => runInTransaction(pool, work),
    pool,
    close: () => pool.end(),
  };
}

function createQueries(client: pg.Pool | pg.PoolClient): Queries {
  const run = async (query: Sql) => client.query<pg.QueryResultRow>(query.text, query.values);
  const many = async <Row>(query: Sql) => (await run(query)).rows.map((row) => camelCaseRow(row) as Row);
  const maybe = async <Row>(query: Sql) => (await many<Row>(query))[0];
  return {
    many,
    maybe,
    one: async <Row>(query: Sql) => {
      const row = await maybe<Row>(query);
      if (row === undefined) throw new Error(`Expected a row: ${query.text.trim().slice(0, 200)}`);
      return row;
    },
    run: async (query) => (await run(query)).rowCount ?? 0,
  };
}

/**
 * The timeout ends transactions of a stopped process or an unreachable machine, whose rows would stay locked for hours.
 * It is set in each transaction, because connection poolers (PgBouncer) refuse it as a setting of the connection.
 */
const BEGIN_STATEMENT = `begin; set local idle_in_transaction_session_timeout = '60s'`;

async function runInTransaction<Result>(pool: pg.Pool, work: (tx: Tx) => Promise<Result>): Promise<Result> {
  const client = await pool.connect();
  let broken: Error | undefined;
  const recordError = (error: Error) => (broken = error);
  client.on('error', recordError);
  try {
    await client.query(BEGIN_STATEMENT);
    const result = await work(createQueries(client) as Tx);
    await client.query('commit');
    return result;
  } catch (error) {
    await client.query('rollback').catch(recordError);
    throw error;
  } finally {
    client.off('error', recordError);
    client.release(broken);
  }
}
