import type { Bench, Proof } from './bench.js';
import type { Options } from './options.js';
import { proveByRecipient } from './send/send-run.js';
import type { BenchServers } from './support/servers.js';
import { startCountingSink } from './support/sink/sinks.js';
import { measureHeaderBytes, hasSmtpSource } from './support/smtp-source.js';
import { prepareFixture } from './seed/fixture.js';

export function createBench(servers: BenchServers, options: Options, log: (line: string) => void): Bench {
  const bench: Bench = {
    servers,
    options,
    log,
    fixture: memoiseByReaders((readers) => {
      log(`seeding and planning ${readers} readers`);
      return prepareFixture(servers, readers);
    }),
    proof: memoiseByReaders((readers) => proveDelivery(bench, readers)),
    sendRate: undefined,
  };
  return bench;
}

async function proveDelivery(bench: Bench, readers: number): Promise<Proof> {
  const fixture = await bench.fixture(readers);
  bench.log(`proving by recipient that each of ${readers} is mailed once`);
  const sink = await startCountingSink(bench.servers.folder);
  try {
    const { run, bytes } = await proveByRecipient(fixture, sink);
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
