import type { Figure } from './figures.js';
import type { Options } from './options.js';
import { proveByRecipient, type SendRun } from './send-run.js';
import type { BenchServers } from './servers.js';
import { startCountingSink } from './sinks.js';
import { headerBytes, hasSmtpSource } from './smtp-source.js';
import { prepareStage, type Stage } from './stage.js';

/** What every benchmark gets. */
export type Bench = {
  servers: BenchServers;
  options: Options;
  /** One line about what happens now. */
  say: (line: string) => void;
  /** Seeded and planned once in a run, whoever asks first. */
  stage(readers: number): Promise<Stage>;
  /** Every reader of a stage was mailed once, by address; and how long a message is on the wire. */
  proof(readers: number): Promise<Proof>;
  /** Messages a second of `send`, once it was measured. */
  sendRate: number | undefined;
};

export type Measure = (bench: Bench) => Promise<Figure[]>;

export type Proof = {
  run: SendRun;
  /** The mean of all messages, header and body. */
  bytes: number;
  /** What smtp-source is asked for so that its messages are as long. */
  payload: number;
};

export const USUAL_READERS = 100_000;

export function openBench(servers: BenchServers, options: Options, say: (line: string) => void): Bench {
  const bench: Bench = {
    servers,
    options,
    say,
    stage: once((readers) => {
      say(`seeding and planning ${readers} readers`);
      return prepareStage(servers, readers);
    }),
    proof: once((readers) => prove(bench, readers)),
    sendRate: undefined,
  };
  return bench;
}

async function prove(bench: Bench, readers: number): Promise<Proof> {
  const stage = await bench.stage(readers);
  bench.say(`proving by recipient that each of ${readers} is mailed once`);
  const sink = await startCountingSink(bench.servers.folder);
  try {
    const { run, bytes } = await proveByRecipient(stage, sink);
    const payload = hasSmtpSource() ? bytes - (await headerBytes(sink)) : bytes;
    return { run, bytes, payload };
  } finally {
    await sink.stop();
  }
}

function once<Result>(make: (readers: number) => Promise<Result>): (readers: number) => Promise<Result> {
  const made = new Map<number, Promise<Result>>();
  return (readers) => {
    const known = made.get(readers) ?? make(readers);
    made.set(readers, known);
    return known;
  };
}
