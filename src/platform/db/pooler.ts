import pg from 'pg';
import { CONNECT_LIMIT_MS, CONNECTION_LIMITS } from './session-settings.js';

/**
 * Whether a connection pooler (PgBouncer) gives this connection another session of Postgres for each transaction, so
 * that what is set or locked for a session is lost, or somebody else's. True is certain; a pooler that goes round
 * many idle sessions may be missed.
 */
export async function isTransactionPooled(client: pg.Client, databaseUrl: string): Promise<boolean> {
  // Postgres says its process number when a connection is made (manual section 54.2.1); a pooler makes one up.
  const { processID } = client as pg.Client & { processID?: number };
  const before = await backendPid(client);
  if (processID === before) return false;
  const other = new pg.Client({
    connectionString: databaseUrl,
    ...CONNECTION_LIMITS,
    query_timeout: CONNECT_LIMIT_MS,
  });
  other.on('error', () => {});
  try {
    await other.connect();
    await other.query('begin');
    // While the other one is in a transaction it has its session for itself.
    return (await backendPid(other)) === before || (await backendPid(client)) !== before;
  } catch {
    return false;
  } finally {
    await other.end();
  }
}

async function backendPid(client: pg.Client): Promise<number | undefined> {
  const { rows } = await client.query<{ pid: number }>('select pg_backend_pid() as pid');
  return rows[0]?.pid;
}
