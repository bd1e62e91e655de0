import type { Db } from '../platform/db/database.js';
import type { TransportLimits } from '../platform/mail/smtp/smtp-url-parameters.js';
import { listTransports } from './reads.js';
import type { RegisteredTransport } from './transport.js';
import { insertTransports } from './writes.js';

/**
 * Gives every server of SMTP_URL its row, and returns them with their ids, in the same order. One query when all have their
 * rows; a worker calls this once.
 */
export async function registerTransports<Server extends { name: string; limits: TransportLimits }>(
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
