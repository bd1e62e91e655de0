import { openPostgresProxy as openProxy } from '../../bench/support/postgres-proxy.js';
import { connectDatabase, type Db } from '../../src/platform/db/database.js';
import { serverUrl } from './test-database.js';

/** A way to a test database on which the connection breaks at a chosen statement. */
export type PostgresProxy = {
  db: Db;
  /** Statements since the last `failAt`. */
  count(): number;
  /**
   * From now on counts from 1; the connection that carries statement `number` breaks, once. `before`: Postgres never sees
   * it. `after`: Postgres has done it, a COMMIT too, and its reply is lost.
   */
  failAt(number: number | undefined, when?: 'before' | 'after'): void;
  close(): Promise<void>;
};

/** @param name of the database */
export async function openPostgresProxy(name: string): Promise<PostgresProxy> {
  const proxy = await openProxy(Object.assign(new URL(serverUrl()), { pathname: `/${name}` }).toString());
  const db = connectDatabase(proxy.url, () => {});
  let count = 0;
  const failAt: PostgresProxy['failAt'] = (at, when) => {
    count = 0;
    proxy.breakAt(() => ++count === at, when);
  };
  failAt(undefined);
  return {
    db,
    count: () => count,
    failAt,
    close: async () => {
      await db.close();
      proxy.close();
    },
  };
}
