import pg from 'pg';
import { HOUR_MS } from '../durations.js';
import { createQueries, type Queries } from './queries.js';
import {
  applySessionSettings,
  CONNECT_LIMIT_MS,
  CONNECTION_LIMITS,
  serverLimitMs,
  STATEMENT_LIMIT_MS,
} from './session-settings.js';
import { runInTransaction, type TransactionOptions, type Tx } from './transaction.js';

/** Bigints (sequence numbers, counts) stay far below 2^53, so they are plain numbers here. */
const TYPE_PARSERS: pg.CustomTypesConfig = {
  getTypeParser: (oid, format) =>
    oid === pg.types.builtins.INT8 ? Number : pg.types.getTypeParser(oid, format),
};

export type { Tx };

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
