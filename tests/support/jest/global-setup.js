import { randomInt } from 'node:crypto';
import { tsImport } from 'tsx/esm/api';

/** Jest imports this file itself, without its transform: the TypeScript behind it goes through tsx. */
export default async function setUp() {
  // The same in each run, unless RANDOM_SEED names another; 1 asks for one that nobody chose.
  const seed = process.env.RANDOM_SEED ?? '20261101';
  process.env.RANDOM_SEED = seed === '1' ? `${randomInt(2, 2 ** 31)}` : seed;
  const { startTestPostgres } = await tsImport('./test-postgres.ts', import.meta.url);
  const servers = await startTestPostgres();
  process.env.PAPERROUND_TEST_DATABASE_URL = servers.databaseUrl;
  globalThis.stopTestServers = servers.stop;
}
