import type { Db } from '../../src/platform/db/database.js';
import { sql } from '../../src/platform/db/sql.js';
import type { TransportLimits } from '../../src/platform/mail/smtp/smtp-url-parameters.js';
import { registerTransports } from '../../src/transports/register-transports.js';
import type { RegisteredTransport } from '../../src/transports/transport.js';

/** Two mail servers, without limits where none are given. */
export async function registerTwo(
  db: Db,
  first: Partial<TransportLimits> = {},
  second: Partial<TransportLimits> = {},
): Promise<[RegisteredTransport, RegisteredTransport]> {
  const limits = { weight: 1, rates: {} };
  const [one, two] = await registerTransports(db, [
    { name: 'one.example:25', limits: { ...limits, ...first } },
    { name: 'two.example:25', limits: { ...limits, ...second } },
  ]);
  if (one === undefined || two === undefined) throw new Error('Not registered.');
  return [one, two];
}

export async function deleteTransports(db: Db): Promise<void> {
  for (const table of [sql`circuits`, sql`transport_usage`, sql`transports`]) {
    await db.run(sql`delete from ${table}`);
  }
}
