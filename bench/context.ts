import type { Metric } from './support/metrics.js';
import type { Options } from './options.js';
import { proveByRecipient, type SendRun } from './send/send-run.js';
import type { BenchServers } from './support/servers.js';
import { startCountingSink } from './support/sink/sinks.js';
import { measureHeaderBytes, hasSmtpSource } from './support/smtp-source.js';
import { prepareFixture, type Fixture } from './seed/fixture.js';

/** What every benchmark gets. */
export type Bench = {
  servers: BenchServers;
  options: Options;
  /** One line about what happens now. */
  log: (line: string) => void;
  /** Seeded and planned once in a run, whoever asks first. */
  fixture(readers: number): Promise<Fixture>;
  /** Every reader of a stage was mailed once, by address; and how long a message is on the wire. */
  proof(readers: number): Promise<Proof>;
  /** Messages a second of `send`, once it was measured. */
  sendRate: number | undefined;
};

export type Benchmark = (bench: Bench) => Promise<Metric[]>;

export type Proof = {
  run: SendRun;
  /** The mean of all messages, header and body. */
  bytes: number;
  /** What smtp-source is asked for so that its messages are as long. */
  payload: number;
};

export const DEFAULT_READERS = 100_000;

export function createBench(servers: BenchServers, options: Options, say: (line: string) => void): Bench {
  const bench: Bench = {
    servers,
    options,
    log: say,
    fixture: memoiseByReaders((readers) => {
      say(`seeding and planning ${readers} readers`);
      return prepareFixture(servers, readers);
    }),
    proof: memoiseByReaders((readers) => proveDelivery(bench, readers)),
    sendRate: undefined,
  };
  return bench;
}

async function proveDelivery(bench: Bench, readers: number): Promise<Proof> {
  const stage = await bench.fixture(readers);
  bench.log(`proving by recipient that each of ${readers} is mailed once`);
  const sink = await startCountingSink(bench.servers.folder);
  try {
    const { run, bytes } = await proveByRecipient(stage, sink);
    const payload = hasSmtpSource() ? bytes - (await measureHeaderBytes(sink)) : bytes;
    return { run, bytes, payload };
  } finally {
    await sink.stop();
  }
}

function memoiseByReaders<Result>(
  make: (readers: number) => Promise<Result>,
): (readers: number) => Promise<Result> {
  const made = new Map<number, Promise<Result>>();
  return (readers) => {
    const known = made.get(readers) ?? make(readers);
    made.set(readers, known);
    return known;
  };
}
