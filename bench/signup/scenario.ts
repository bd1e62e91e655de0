import { loadAddressHasher } from '../../src/platform/crypto/address-hash.js';
import type { Db, Tx } from '../../src/platform/db/database.js';
import { migrate } from '../../src/platform/db/migrate.js';
import { sql } from '../../src/platform/db/sql.js';
import { deriveKey } from '../../src/platform/crypto/keys.js';
import type { Bench } from '../bench.js';
import { startChild, type Child } from '../support/child-process.js';
import { seedPublication } from '../seed/articles.js';
import { createDatabase, dropDatabase, withDatabase } from '../support/servers.js';
import { startWeb, waitForWeb } from '../support/processes.js';
import { findFreePort } from '../../src/platform/process/free-port.js';

const DATABASE = 'signup';
const SECRET_KEY = 'ab'.repeat(32);

/** One address for each state that a publication can know it in, all of one length. */
export const addressStates = ['new', 'pending', 'confirmed', 'paused', 'unsubscribed', 'suppressed'] as const;
export const addressOf = (state: string) => `state-${state.padEnd(12, '0')}@mail.example`;

export type ServerUnderTest = { port: number; pid: number };

/** The two servers, the process that sends forms to them, and the database of ours. */
export type SignUpContext = { load: Child; ours: ServerUnderTest; bare: ServerUnderTest; db: Db };

/** Starts a real web process with the settings of production, every check and limit on, beside a route that only reads JSON. */
export async function withSignUpContext<Result>(
  { servers }: Bench,
  work: (context: SignUpContext) => Promise<Result>,
): Promise<Result> {
  await createDatabase(servers, DATABASE);
  await migrate(servers.urlOf(DATABASE));
  await withDatabase(servers, DATABASE, seed);
  const port = await findFreePort();
  const web = startWeb(servers, {
    database: DATABASE,
    smtpUrl: 'smtp://127.0.0.1:9',
    secretKey: SECRET_KEY,
    dataDir: 'signup-web',
    environment: { PORT: String(port), TRUST_PROXY: '1', LOG_LEVEL: 'warn' },
  });
  const bare = await startChild(new URL('./bare-route-child.ts', import.meta.url), {});
  const load = await startChild(new URL('./load-child.ts', import.meta.url), {});
  try {
    await waitForWeb(port);
    const { port: barePort } = await bare.request<{ port: number }>({});
    const ours = { port, pid: web.pid };
    return await withDatabase(servers, DATABASE, (db) =>
      work({ load, ours, bare: { port: barePort, pid: bare.pid }, db }),
    );
  } finally {
    await load.stop();
    await bare.stop();
    await web.stop();
    await dropDatabase(servers, DATABASE);
  }
}

async function seed(db: Db): Promise<void> {
  const now = new Date();
  const { id } = await seedPublication({ db, now: () => now }, 'post');
  const hash = await loadAddressHasher(db, [deriveKey(SECRET_KEY)]);
  await db.transaction(async (tx) => {
    for (const state of addressStates.slice(1)) await seedReader(tx, id, state, now);
    await tx.run(sql`
      insert into suppressions (address_hash, publication_id, reason, created_at)
      values (${hash(addressOf('suppressed'))}, ${id}, 'complained', ${now})
    `);
  });
}

async function seedReader(tx: Tx, publicationId: string, state: string, now: Date): Promise<void> {
  const email = addressOf(state);
  const status = state === 'suppressed' ? 'unsubscribed' : state;
  await tx.run(sql`
    with person as (
      insert into subscribers (email, email_key, created_at)
      values (${email}, ${email}, ${now})
      returning id)
    insert into subscriptions (publication_id, subscriber_id, status, locale, cadence, hour, weekday, day_of_month,
                               timezone, created_at, confirmed_at)
    select ${publicationId}, id, ${status}, 'en', 'daily', 7, 1, 1, 'UTC', ${now}, ${now}
      from person
  `);
}
