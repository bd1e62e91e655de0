import { setTimeout as sleep } from 'node:timers/promises';
import type { Db } from '../../src/platform/db/database.js';
import type { Bench } from '../bench.js';
import { waitUntilFinished } from './finish.js';
import { checkLedger, type LedgerCheck } from './ledger-check.js';
import { watchLedger, type LedgerSamples, type WatchOptions } from './ledger-watch.js';
import { makeBatchesDue } from '../support/ledger.js';
import { createDatabase, dropDatabase, secretKey, withDatabase } from '../support/servers.js';
import { startCountingSink, type CountingSink } from '../support/sink/sinks.js';
import type { Fixture } from '../seed/fixture.js';
import { startWeb, startWorker, type BenchProcess, type ProcessSettings } from '../support/processes.js';

/** A database of its own, a mail server that records who got what, and processes to stop or kill. */
export type FaultServers = {
  bench: Bench;
  sink: CountingSink;
  settings: ProcessSettings;
  /** Starts a worker; one with another name has a data directory of its own. */
  startWorker(machine?: string, more?: ProcessOptions): BenchProcess;
  /** Starts a web process; its PORT is in the environment. */
  startWeb(more: ProcessOptions): BenchProcess;
};

type ProcessOptions = Pick<ProcessSettings, 'environment' | 'words'>;

/** The same with one digest to send. */
export type FaultContext = FaultServers & {
  fixture: Fixture;
  db: Db;
  /** Ends when every batch is finished, with what would wait for a minute or more made due at once. */
  finish(options?: { resend?: boolean }): Promise<void>;
};

export type Scenario = {
  policy?: 'resend' | 'hold';
  /** How long one worker takes for the whole digest without a fault, in seconds; the sink's delays are chosen for that. */
  seconds: number;
  watch?: Pick<WatchOptions, 'listLostLeases' | 'maySend'>;
};

/** The ledger and the sink after a run. */
export type FaultResult = LedgerCheck & LedgerSamples & { seconds: number };

export const CONNECTIONS = 10;
const DEFAULT_FAULT_READERS = 20_000;
let scenarioCount = 0;

/** How many readers a digest has in which something goes wrong. */
export function countFaultReaders({ options }: Bench): number {
  return options.readers ?? DEFAULT_FAULT_READERS;
}

/**
 * Copies a database and starts a mail server beside it; ends what was started and drops the copy afterwards.
 * @param where.mails how many one worker hands over in `where.seconds`: the sink answers as slowly
 */
export async function withFaultServers<Result>(
  bench: Bench,
  where: { template: string; policy: 'resend' | 'hold'; seconds: number; mails: number },
  work: (servers: FaultServers) => Promise<Result>,
): Promise<Result> {
  const { servers } = bench;
  const database = `fault_${(scenarioCount += 1)}`;
  await createDatabase(servers, database, where.template);
  const sink = await startCountingSink(servers.folder);
  const smtpUrl = `${sink.url}?uncertain=${where.policy}`;
  const settings = { database, smtpUrl, secretKey, dataDir: database };
  const processes: BenchProcess[] = [];
  const keep = (one: BenchProcess) => (processes.push(one), one);
  try {
    await sink.setFaults([], { finalDotMs: (where.seconds * 1000 * CONNECTIONS) / where.mails });
    return await work({
      ...{ bench, sink, settings },
      startWorker: (machine = '', more) =>
        keep(startWorker(servers, { ...settings, ...more, dataDir: `${database}${machine}` })),
      startWeb: (more) => keep(startWeb(servers, { ...settings, ...more, dataDir: `${database}-web` })),
    });
  } finally {
    for (const one of processes) await one.stop('SIGKILL');
    await sink.stop();
    await dropDatabase(servers, database);
  }
}

/** Causes a fault while a digest is sent, samples the ledger meanwhile, and compares it with the mail server's records afterwards. */
export async function runScenario(
  bench: Bench,
  { policy = 'resend', seconds, watch: watchOptions }: Scenario,
  causeFault: (context: FaultContext) => Promise<void>,
): Promise<FaultResult> {
  const readers = countFaultReaders(bench);
  const fixture = await bench.fixture(readers);
  const { template, publicationId } = fixture;
  const begun = performance.now();
  return withFaultServers(bench, { template, policy, seconds, mails: readers }, async (servers) => {
    const { sink, settings } = servers;
    return withDatabase(bench.servers, settings.database, async (db) => {
      const finish: FaultContext['finish'] = (options) => waitUntilFinished(db, publicationId, options);
      const url = bench.servers.urlOf(settings.database);
      const watch = watchLedger(url, { publicationId, readers, ...watchOptions }, sink);
      try {
        await makeBatchesDue(db, publicationId);
        await causeFault({ ...servers, fixture, db, finish });
      } finally {
        await watch.stop();
      }
      const ledger = await checkLedger(db, publicationId, await sink.recipients());
      return { ...ledger, ...watch.seen, seconds: (performance.now() - begun) / 1000 };
    });
  });
}

/** Waits until the sink has taken `more` messages beyond `from`; fails after `timeoutMs`. */
export async function waitForMessages(
  { sink }: Pick<FaultServers, 'sink'>,
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
