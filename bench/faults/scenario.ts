import { setTimeout as sleep } from 'node:timers/promises';
import { sql } from '../../src/platform/db/sql.js';
import type { Db } from '../../src/platform/db/database.js';
import type { Bench } from '../bench.js';
import { checkLedger, type LedgerCheck } from './ledger-check.js';
import { watchLedger, type LedgerSamples } from './ledger-watch.js';
import { countStates, makeBatchesDue } from '../support/ledger.js';
import { secretKey, createDatabase, dropDatabase, withDatabase } from '../support/servers.js';
import { startCountingSink, type CountingSink } from '../support/sink/sinks.js';
import type { Fixture } from '../seed/fixture.js';
import { startWorker, type BenchProcess, type ProcessSettings } from '../support/processes.js';

/** One digest on a database of its own, a mail server that records who got what, and workers to be harmed. */
export type FaultContext = {
  bench: Bench;
  fixture: Fixture;
  db: Db;
  sink: CountingSink;
  settings: ProcessSettings;
  /** Starts a worker; one with another name has a data directory of its own. */
  startWorker(machine?: string): BenchProcess;
  /** Ends when every batch is finished, with what would wait for a minute or more made due at once. */
  finish(options?: { resend?: boolean }): Promise<void>;
};

export type Scenario = {
  policy?: 'resend' | 'hold';
  /** Seconds that one worker takes for the whole digest when nothing goes wrong: the sink answers so slowly. */
  seconds: number;
};

/** What a run left behind. */
export type FaultResult = LedgerCheck & LedgerSamples & { stallSeconds: number; seconds: number };

const CONNECTIONS = 10;
let scenarioCount = 0;

/** Does harm while a digest is sent, samples the ledger all the time, and compares it with the mail server's records in the end. */
export async function runScenario(
  bench: Bench,
  { policy = 'resend', seconds }: Scenario,
  harm: (context: FaultContext) => Promise<void>,
): Promise<FaultResult> {
  const readers = bench.options.readers ?? DEFAULT_FAULT_READERS;
  const fixture = await bench.fixture(readers);
  const { servers } = bench;
  const database = `fault_${(scenarioCount += 1)}`;
  await createDatabase(servers, database, fixture.template);
  const sink = await startCountingSink(servers.folder);
  const workers: BenchProcess[] = [];
  const begun = performance.now();
  try {
    await sink.setFaults([], { finalDotMs: (seconds * 1000 * CONNECTIONS) / readers });
    return await withDatabase(servers, database, async (db) => {
      const settings = { database, smtpUrl: `${sink.url}?uncertain=${policy}`, secretKey, dataDir: database };
      const context: FaultContext = {
        ...{ bench, fixture, db, sink, settings },
        startWorker: (machine = '') => {
          const worker = startWorker(servers, { ...settings, dataDir: `${database}${machine}` });
          workers.push(worker);
          return worker;
        },
        finish: (options) => waitUntilFinished(context, options),
      };
      const watch = watchLedger(servers.urlOf(database), fixture, sink);
      try {
        await makeBatchesDue(db, fixture.publicationId);
        await harm(context);
      } finally {
        await watch.stop();
      }
      const { longestGap } = await sink.count();
      const ledger = await checkLedger(db, fixture.publicationId, await sink.recipients());
      const took = (performance.now() - begun) / 1000;
      return { ...ledger, ...watch.seen, stallSeconds: longestGap / 1000, seconds: took };
    });
  } finally {
    for (const worker of workers) await worker.stop('SIGKILL');
    await sink.stop();
    await dropDatabase(servers, database);
  }
}

const DEFAULT_FAULT_READERS = 20_000;

/** Waits until the sink has taken so many more; fails when that takes too long. */
export async function waitForMessages(
  { sink }: Pick<FaultContext, 'sink'>,
  more: number,
  from: number,
  patienceMs = 60_000,
): Promise<number> {
  for (const end = Date.now() + patienceMs; Date.now() < end; await sleep(20)) {
    const messages = await sink.messages();
    if (messages >= from + more) return messages;
  }
  throw new Error(`The sink did not take ${more} more messages within ${patienceMs / 1000} s.`);
}

/** A moment from a range, in milliseconds. */
export function sleepRandomly(least: number, most: number): Promise<void> {
  return sleep(least + Math.random() * (most - least));
}

const FINISH_TIMEOUT_MS = 150_000;
const EXPEDITE_INTERVAL_MS = 2_500;

async function waitUntilFinished({ db, fixture }: FaultContext, { resend = false } = {}): Promise<void> {
  let expeditedAt = 0;
  for (const end = Date.now() + FINISH_TIMEOUT_MS; Date.now() < end; await sleep(100)) {
    if ((await countUnfinished(db, fixture.publicationId)) === 0) return;
    if (Date.now() - expeditedAt < EXPEDITE_INTERVAL_MS) continue;
    await expediteWaiting(db, fixture.publicationId, resend);
    expeditedAt = Date.now();
  }
  const counts = JSON.stringify(await countStates(db, fixture.publicationId));
  throw new Error(`The digest was not finished within ${FINISH_TIMEOUT_MS / 1000} s: ${counts}`);
}

async function countUnfinished(db: Db, publicationId: string): Promise<number> {
  const { count } = await db.one<{ count: number }>(sql`
    select count(*) as count
      from batches b
      join digests g on g.id = b.digest_id
     where g.publication_id = ${publicationId}
       and (b.due_at is not null or b.leased_until is not null)
  `);
  return count;
}

/** What would wait for a minute (delayed) or ten (in doubt) is due now in the rows: the code that looks at them is the same. */
async function expediteWaiting(db: Db, publicationId: string, resend: boolean): Promise<void> {
  const digests = sql`select id from digests where publication_id = ${publicationId}`;
  await db.run(sql`
    update deliveries
       set next_attempt_at = now()
     where digest_id in (${digests})
       and state in ('queued', 'deferred')
       and next_attempt_at > now()
  `);
  if (resend) {
    await db.run(sql`
      update deliveries
         set updated_at = now() - interval '11 minutes'
       where digest_id in (${digests})
         and state = 'uncertain'
    `);
  }
  await db.run(sql`
    update batches b
       set due_at = now()
     where digest_id in (${digests})
       and due_at > now()
       and leased_until is null
       and exists (select from deliveries d
                    where d.digest_id = b.digest_id
                      and d.batch = b.number
                      and (d.state in ('queued', 'deferred') or (d.state = 'uncertain' and ${resend}::boolean)))
  `);
  // A job that a killed worker had taken would be published again after a minute.
  await db.run(sql`
    update outbox o
       set due_at = now()
      from batches b
     where o.name = 'send-batch'
       and o.publish_count > 0
       and o.due_at > now()
       and (o.payload ->> 'batch')::integer = b.number
       and b.due_at <= now()
       and b.leased_until is null
  `);
  await db.run(
    sql`update schedules set next_at = now() where name = 'sweep' and next_at > now() + interval '2 seconds'`,
  );
}
