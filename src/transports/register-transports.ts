import type { Db } from '../platform/db/database.js';
import { listTransports } from './reads.js';
import type { RegisteredTransport, Limits } from './transport.js';
import { insertTransports } from './writes.js';

/**
 * Gives every server of SMTP_URL its row, and answers them with their ids, in the same order. One query when all have been
 * here before; a worker asks once and keeps the answer.
 */
export async function registerTransports<Server extends { name: string; limits: Limits }>(
  db: Db,
  servers: readonly Server[],
): Promise<(Server & RegisteredTransport)[]> {
  const names = servers.map(({ name }) => name);
  let rows = await listTransports(db, names);
  if (rows.length < new Set(names).size) {
    await db.transaction((tx) => insertTransports(tx, names));
    rows = await listTransports(db, names);
  }
  const known = new Map(rows.map((row) => [row.name, row]));
  return servers.map((server) => {
    const row = known.get(server.name);
    if (row === undefined) throw new Error(`No row for ${server.name}.`);
    return { ...server, ...row };
  });
}
