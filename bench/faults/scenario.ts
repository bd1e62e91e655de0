import { setTimeout as sleep } from 'node:timers/promises';
import type { Db } from '../../src/platform/db/database.js';
import type { Bench } from '../bench.js';
import { waitUntilFinished } from './finish.js';
import { checkLedger, type LedgerCheck } from './ledger-check.js';
import { watchLedger, type LedgerSamples } from './ledger-watch.js';
import { makeBatchesDue } from '../support/ledger.js';
import { secretKey, createDatabase, dropDatabase, withDatabase } from '../support/servers.js';
import { startCountingSink, type CountingSink } from '../support/sink/sinks.js';
import type { Fixture } from '../seed/fixture.js';
import { startWorker, type BenchProcess, type ProcessSettings } from '../support/processes.js';

/** One digest on a database of its own, a mail server that records who got what, and workers to stop or kill. */
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
  /** How long one worker takes for the whole digest without a fault, in seconds; the sink's delays are chosen for that. */
  seconds: number;
};

/** The ledger and the sink after a run. */
export type FaultResult = LedgerCheck & LedgerSamples & { stallSeconds: number; seconds: number };

const CONNECTIONS = 10;
const DEFAULT_FAULT_READERS = 20_000;
let scenarioCount = 0;

/** Causes a fault while a digest is sent, samples the ledger meanwhile, and compares it with the mail server's records afterwards. */
export async function runScenario(
  bench: Bench,
  { policy = 'resend', seconds }: Scenario,
  causeFault: (context: FaultContext) => Promise<void>,
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
        finish: (options) => waitUntilFinished(db, fixture.publicationId, options),
      };
      const watch = watchLedger(servers.urlOf(database), fixture, sink);
      try {
        await makeBatchesDue(db, fixture.publicationId);
        await causeFault(context);
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

/** Waits until the sink has taken `more` messages beyond `from`; fails after `timeoutMs`. */
export async function waitForMessages(
  { sink }: Pick<FaultContext, 'sink'>,
  more: number,
  from: number,
  timeoutMs = 60_000,
): Promise<number> {
  for (const end = Date.now() + timeoutMs; Date.now() < end; await sleep(20)) {
    const messages = await sink.messages();
    if (messages >= from + more) return messages;
  }
  throw new Error(`The sink did not take ${more} more messages within ${timeoutMs / 1000} s.`);
}

/** Sleeps for a random time between the two, in milliseconds. */
export function sleepRandomly(min: number, max: number): Promise<void> {
  return sleep(min + Math.random() * (max - min));
}
