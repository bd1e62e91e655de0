import { tsImport } from 'tsx/esm/api';

/** Jest imports this file itself, without its transform: the TypeScript behind it goes through tsx. */
export default async function setUp() {
  const { startTestServers } = await tsImport('./test-servers.ts', import.meta.url);
  const servers = await startTestServers();
  process.env.PAPERROUND_TEST_DATABASE_URL = servers.databaseUrl;
  globalThis.stopTestServers = servers.stop;
}
