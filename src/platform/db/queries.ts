import type pg from 'pg';
import { camelCaseRow } from './camel-case.js';
import type { Sql } from './sql.js';

export type Queries = {
  /** All rows, column names in camelCase. */
  many<Row>(query: Sql): Promise<Row[]>;
  /** The first row; undefined when there is none, as expected for what may be absent or changed meanwhile. */
  maybe<Row>(query: Sql): Promise<Row | undefined>;
  /** The first row; throws when there is none, because the caller's logic says there must be one. */
  one<Row>(query: Sql): Promise<Row>;
  /** Runs a statement; returns how many rows it changed. */
  run(query: Sql): Promise<number>;
};

export type RunQuery = (query: {
  text: string;
  values?: unknown[];
}) => Promise<pg.QueryResult<pg.QueryResultRow>>;

export function createQueries(runQuery: RunQuery): Queries {
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
