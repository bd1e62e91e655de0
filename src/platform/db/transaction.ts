import type pg from 'pg';
import { createQueries, type Queries, type RunQuery } from './queries.js';
import { serverLimitMs } from './session-settings.js';
import { isAnswerOwed } from './unavailable.js';

declare const inTransaction: unique symbol;

/** Queries inside an open transaction. Branded, so that a write without a transaction does not compile. */
export type Tx = Queries & { readonly [inTransaction]: true };

export type TransactionOptions = {
  /** How long one of its statements may take, in milliseconds; 30 s when absent. */
  statementLimitMs?: number;
};

/**
 * The timeout ends transactions of a stopped process or an unreachable machine, whose rows would stay locked for hours.
 * It is set in each transaction, because connection poolers (PgBouncer) refuse it as a setting of the connection.
 */
const BEGIN_STATEMENT = `begin; set local idle_in_transaction_session_timeout = '60s'`;

/** Commits when `work` returns, rolls back when it throws. */
export async function runInTransaction<Result>(
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
