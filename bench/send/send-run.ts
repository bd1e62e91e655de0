import {
  waitForBatches,
  compareByRecipient,
  countStates,
  makeBatchesDue,
  type StateCounts,
} from '../support/ledger.js';
import { peakMemory } from '../support/process-usage.js';
import { cpuPerReader, readCpuSeconds, type CpuUsage } from './cpu-per-reader.js';
import { secretKey, createDatabase, dropDatabase, withDatabase } from '../support/servers.js';
import type { CountingSink, Sink } from '../support/sink/sinks.js';
import type { Fixture } from '../seed/fixture.js';
import { startWorker, type BenchProcess, type ProcessSettings } from '../support/processes.js';
import type { Db } from '../../src/platform/db/database.js';

/** One digest sent to everybody by one worker process. */
export type SendRun = {
  seconds: number;
  perSecond: number;
  ledger: StateCounts;
  /** Messages the sink took meanwhile. */
  taken: number;
  /** Microseconds a reader. */
  cpu: CpuUsage;
  peakMemory: number | undefined;
  /** Why the run does not count. */
  invalid?: string;
};

export type SendOptions = {
  /** To the query of SMTP_URL, as `tls.rejectUnauthorized=false`. */
  query?: string;
  environment?: Record<string, string>;
  /** Before the worker starts. */
  prepare?: (db: Db, settings: ProcessSettings) => Promise<void>;
  /** While the database is still there. */
  afterwards?: (db: Db) => Promise<void>;
};

let runCount = 0;

/**
 * Copies the fixture, starts a worker, lets it warm up on the small newsletter, and takes the time from the release of the
 * first batch until the last one is finished in the ledger.
 */
export async function sendOnce(fixture: Fixture, sink: Sink, options: SendOptions = {}): Promise<SendRun> {
  const { servers } = fixture;
  const database = `run_${(runCount += 1)}`;
  await createDatabase(servers, database, fixture.template);
  const smtpUrl = options.query === undefined ? sink.url : `${sink.url}?${options.query}`;
  const environment = options.environment ?? {};
  const settings = { database, smtpUrl, secretKey, dataDir: database, environment };
  try {
    return await withDatabase(servers, database, async (db) => {
      await options.prepare?.(db, settings);
      const worker = startWorker(servers, settings);
      try {
        return await timeDigest(fixture, db, sink, worker, options);
      } finally {
        await worker.stop();
      }
    });
  } finally {
    await dropDatabase(servers, database);
  }
}

/** Sends once and compares ledger and sink by address: every reader must have been mailed once. */
export async function proveByRecipient(
  fixture: Fixture,
  sink: CountingSink,
): Promise<{ run: SendRun; bytes: number }> {
  let broken: string | undefined;
  const run = await sendOnce(fixture, sink, {
    prepare: () => sink.reset(),
    afterwards: async (db) => {
      const received = await sink.recipients();
      for (const email of received.keys()) if (email.startsWith('warm-up-')) received.delete(email);
      const { missed, doubled, unknown } = await compareByRecipient(db, fixture.publicationId, received);
      if (missed + doubled + unknown > 0)
        broken = `by recipient ${missed} missed, ${doubled} doubled, ${unknown} not in the ledger`;
    },
  });
  const { bytes, messages } = await sink.count();
  return { run: { ...run, ...invalidField(run.invalid ?? broken) }, bytes: Math.round(bytes / messages) };
}

async function timeDigest(
  fixture: Fixture,
  db: Db,
  sink: Sink,
  worker: BenchProcess,
  { afterwards }: SendOptions,
): Promise<SendRun> {
  const { publicationId, warmUpId, readers } = fixture;
  const isOver = () => worker.hasEnded();
  await makeBatchesDue(db, warmUpId);
  if (!(await waitForBatches(db, warmUpId, isOver)))
    throw new Error(`The worker does not send:\n${worker.logTail()}`);
  const before = { taken: await sink.messages(), cpu: readCpuSeconds(fixture.servers, worker) };
  const begun = performance.now();
  await makeBatchesDue(db, publicationId);
  await waitForBatches(db, publicationId, isOver);
  const seconds = (performance.now() - begun) / 1000;
  const cpu = readCpuSeconds(fixture.servers, worker);
  const ledger = await countStates(db, publicationId);
  const taken = (await sink.messages()) - before.taken;
  await afterwards?.(db);
  return {
    seconds,
    perSecond: readers / seconds,
    ledger,
    taken,
    cpu: cpuPerReader(before.cpu, cpu, readers),
    peakMemory: peakMemory(worker.pid),
    ...invalidField(imbalanceReason(ledger, taken, readers)),
  };
}

function imbalanceReason(ledger: StateCounts, taken: number, readers: number): string | undefined {
  const accepted = ledger['accepted'] ?? 0;
  if (accepted === readers && taken === readers) return undefined;
  return `of ${readers} readers the ledger says ${JSON.stringify(ledger)} and the sink took ${taken}`;
}

function invalidField(reason: string | undefined): { invalid?: string } {
  return reason === undefined ? {} : { invalid: reason };
}
