import type pg from 'pg';
import type { Db } from '../../../src/platform/db/database.js';

/** The statements that were sent to Postgres while `work` ran, in order, one line each, without their values. */
export async function recordStatements<Result>(
  { pool }: Pick<Db, 'pool'>,
  work: () => Promise<Result>,
): Promise<{ result: Result; statements: string[] }> {
  const statements: string[] = [];
  const clients = new Set<pg.PoolClient>();
  const listen = (client: pg.PoolClient) => {
    if (clients.has(client)) return;
    clients.add(client);
    const query = client.query.bind(client) as (...values: unknown[]) => unknown;
    client.query = ((first: unknown, ...rest: unknown[]) => {
      statements.push(textOf(first));
      return query(first, ...rest);
    }) as typeof client.query;
  };
  pool.on('acquire', listen);
  try {
    return { result: await work(), statements };
  } finally {
    pool.off('acquire', listen);
    // The method of its class is used again.
    for (const client of clients) Reflect.deleteProperty(client, 'query');
  }
}

function textOf(query: unknown): string {
  const text = typeof query === 'string' ? query : (query as { text: string }).text;
  return text.replaceAll(/\s+/g, ' ').trim();
}
