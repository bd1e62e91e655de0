import { tsImport } from 'tsx/esm/api';
import chooseSeed from './choose-seed.js';

/** Jest imports this file itself, without its transform: the TypeScript behind it goes through tsx. */
export default async function setUp() {
  chooseSeed();
  const { startTestPostgres } = await tsImport('./test-postgres.ts', import.meta.url);
  const servers = await startTestPostgres();
  process.env.PAPERROUND_TEST_DATABASE_URL = servers.databaseUrl;
  globalThis.stopTestServers = servers.stop;
}
