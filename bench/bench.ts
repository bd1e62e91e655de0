import type { Options } from './options.js';
import type { Fixture } from './seed/fixture.js';
import type { SendRun } from './send/send-run.js';
import type { Metric } from './support/metrics.js';
import type { BenchServers } from './support/servers.js';

/** What every benchmark is given. */
export type Bench = {
  servers: BenchServers;
  options: Options;
  /** One line about what happens now. */
  log: (line: string) => void;
  /** Seeded and planned once in a run, whoever asks first. */
  fixture(readers: number): Promise<Fixture>;
  /** Every reader of a fixture was mailed once, by address; and how long a message is on the wire. */
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
