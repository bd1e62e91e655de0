import pg from 'pg';
import { HOUR_MS } from '../durations.js';
import { camelCaseRow } from './camel-case.js';
import {
  applySessionSettings,
  CONNECT_LIMIT_MS,
  CONNECTION_LIMITS,
  serverLimitMs,
  STATEMENT_LIMIT_MS,
} from './session-settings.js';
import { sql, type Sql } from './sql.js';
import { isAnswerOwed } from './unavailable.js';

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

export type TransactionOptions = {
  /** How long one of its statements may take, in milliseconds; 30 s when absent. */
  statementLimitMs?: number;
};

/** For statements about whole tables: exports, and the deletion of what has been kept for its time. */
export const LONG_STATEMENT_LIMIT_MS = HOUR_MS;

export type Db = Queries & {
  /** Runs `work` in one transaction: commits when it returns, rolls back when it throws. */
  transaction<Result>(work: (tx: Tx) => Promise<Result>, options?: TransactionOptions): Promise<Result>;
  /** For libraries that bring SQL of their own (sessions, rate limits), and for nothing else. */
  pool: pg.Pool;
  close(): Promise<void>;
};

const DEFAULT_LIMITS = { connectLimitMs: CONNECT_LIMIT_MS, statementLimitMs: STATEMENT_LIMIT_MS };

/**
 * A pool of connections to Postgres. Whoever waits longer than 5 s for one, or than 30 s for the answer to a
 * statement, gets an error that `isDatabaseUnavailable` knows.
 * @param url a postgres:// address
 * @param onIdleError called when an idle connection breaks; the pool replaces it by itself
 * @param max most connections this process may hold
 * @param limits in milliseconds
 */
export function connectDatabase(
  url: string,
  onIdleError: (error: Error) => void,
  max = 20,
  { connectLimitMs, statementLimitMs } = DEFAULT_LIMITS,
): Db {
  const pool = new pg.Pool({
    connectionString: url,
    max,
    types: TYPE_PARSERS,
    application_name: 'paperround',
    ...CONNECTION_LIMITS,
    connectionTimeoutMillis: connectLimitMs,
    query_timeout: statementLimitMs,
    onConnect: (client) =>
      applySessionSettings(client, { statement_timeout: String(serverLimitMs(statementLimitMs)) }),
  });
  pool.on('error', onIdleError);
  return {
    ...createQueries((query) => pool.query(query)),
    transaction: (work, options = {}) => runInTransaction(pool, work, options),
    pool,
    close: () => pool.end(),
  };
}

/**
 * A `Db` for operations that are to be part of an open transaction. What they do in transactions of their own is a savepoint
 * of it: rolled back alone when they fail, committed with it when it commits. One after the other, not side by side.
 */
export function joinTransaction(db: Db, tx: Tx): Db {
  return { ...db, ...tx, transaction: (work) => runInSavepoint(tx, work) };
}

async function runInSavepoint<Result>(tx: Tx, work: (tx: Tx) => Promise<Result>): Promise<Result> {
  await tx.run(sql`savepoint operation`);
  try {
    const result = await work(tx);
    await tx.run(sql`release savepoint operation`);
    return result;
  } catch (error) {
    // Where this fails too the connection is gone, and the whole transaction with it.
    await tx.run(sql`rollback to savepoint operation`).catch(() => {});
    throw error;
  }
}

type RunQuery = (query: { text: string; values?: unknown[] }) => Promise<pg.QueryResult<pg.QueryResultRow>>;

function createQueries(runQuery: RunQuery): Queries {
  const run = ({ text, values }: Sql) => runQuery({ text, values });
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

async function runInTransaction<Result>(
  pool: pg.Pool,
  work: (tx: Tx) => Promise<Result>,
  { statementLimitMs }: TransactionOptions,
): Promise<Result> {
  const client = await pool.connect();
  let broken: Error | undefined;
  const recordError = (error: Error) => (broken = error);
  client.on('error', recordError);
  try {
    await client.query(
      statementLimitMs === undefined
        ? BEGIN_STATEMENT
        : `${BEGIN_STATEMENT}; set local statement_timeout = ${serverLimitMs(statementLimitMs)}`,
    );
    const runQuery = failAfterSilence(client, statementLimitMs);
    const result = await work(createQueries(runQuery) as Tx);
    const { command } = await runQuery({ text: 'commit' });
    // Postgres answers so, without an error, when a statement had failed and `work` went on all the same.
    if (command === 'ROLLBACK')
      throw new Error('The transaction was rolled back: a statement in it had failed');
    return result;
  } catch (error) {
    if (isAnswerOwed(error)) recordError(error as Error);
    else await client.query('rollback').catch(recordError);
    throw error;
  } finally {
    client.off('error', recordError);
    client.release(broken);
  }
}

/** Nothing is sent behind a statement that was not answered in time: it would wait as long again. */
function failAfterSilence(client: pg.PoolClient, statementLimitMs: number | undefined): RunQuery {
  const limit = statementLimitMs === undefined ? {} : { query_timeout: statementLimitMs };
  let silent: Error | undefined;
  return async (query) => {
    if (silent !== undefined) throw silent;
    try {
      return await client.query<pg.QueryResultRow>({ ...query, ...limit });
    } catch (error) {
      if (isAnswerOwed(error)) silent = error as Error;
      throw error;
    }
  };
}
