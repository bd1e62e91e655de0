import type pg from 'pg';
import type { Db, TransactionOptions, Tx } from './database.js';
import { createQueries, type RunQuery } from './queries.js';
import { serverLimitMs } from './session-settings.js';
import { sql } from './sql.js';
import { isAnswerOwed } from './unavailable.js';

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
