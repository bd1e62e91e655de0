import { setTimeout as sleep } from 'node:timers/promises';
import type { Db } from '../../src/platform/db/database.js';
import { sql } from '../../src/platform/db/sql.js';
import { announcement, createApiProgram } from '../support/api-program.js';
import { startWorker, type ProcessSettings } from '../support/processes.js';
import type { BenchServers } from '../support/servers.js';

const START_LIMIT_MS = 300_000;

/** A digest that a worker sends to all readers, until it is stopped. */
export type Sending = { digestId: string; stop(): Promise<unknown> };

/** Orders a digest to all readers through the API, and waits until the first mails were accepted. */
export async function sendMeanwhile(
  servers: BenchServers,
  settings: ProcessSettings,
  db: Db,
  port: number,
): Promise<Sending> {
  const program = createApiProgram(servers, settings, port);
  await program.post('/digests', 'meanwhile', announcement('While pages are looked at'));
  const worker = startWorker(servers, settings);
  for (const end = Date.now() + START_LIMIT_MS; Date.now() < end; await sleep(500)) {
    const digestId = await findSending(db);
    if (digestId !== undefined) return { digestId, stop: () => worker.stop() };
    if (worker.hasEnded()) break;
  }
  await worker.stop();
  throw new Error(`No mail of the digest was accepted:\n${worker.logTail()}`);
}

async function findSending(db: Db): Promise<string | undefined> {
  const [found] = await db.many<{ id: string }>(sql`
    select g.id
      from digests g
     where g.state = 'sending'
       and exists (select from deliveries d where d.digest_id = g.id and d.state = 'accepted')
     limit 1
  `);
  return found?.id;
}

/** Whether some of its readers are not mailed yet. */
export async function isBeingSent(db: Db, digestId: string): Promise<boolean> {
  const waiting = await db.many(sql`
    select from deliveries where digest_id = ${digestId} and state in ('queued', 'sending') limit 1
  `);
  return waiting.length > 0;
}
