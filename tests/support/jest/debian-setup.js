import { tsImport } from 'tsx/esm/api';
import setUp from './global-setup.js';

/** For `npm run test:sql`: Debian's Postgres 15, unless PAPERROUND_TEST_DATABASE_URL names another server. */
export default async function setUpDebian() {
  if (process.env.PAPERROUND_TEST_DATABASE_URL !== undefined) return setUp();
  const { hasDebianPostgres, startDebianPostgres } = await tsImport('../debian-postgres.ts', import.meta.url);
  if (!hasDebianPostgres)
    throw new Error(
      "Debian's postgresql-15 is not installed; PAPERROUND_TEST_DATABASE_URL can name another server.",
    );
  const { url, stop } = await startDebianPostgres();
  process.env.PAPERROUND_TEST_DATABASE_URL = url;
  await setUp();
  globalThis.stopTestServers = stop;
}
