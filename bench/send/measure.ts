import { DEFAULT_READERS, type Bench, type Proof } from '../bench.js';
import { median, medianMetric, type Metric } from '../support/metrics.js';
import { measureRates } from './rates.js';
import { measureTlsAndDkim } from './tls-and-dkim.js';
import { sendOnce, type SendRun } from './send-run.js';
import { dropDatabase } from '../support/servers.js';
import { hasSmtpSink, startCountingSink, startSmtpSink, type Sink } from '../support/sink/sinks.js';
import { runSmtpSource, hasSmtpSource } from '../support/smtp-source.js';

const MB = 1e6;
const LARGE_FACTOR = 10;

/**
 * One digest to everybody, by one worker process with a durable ledger, a real queue and ten connections without TLS,
 * beside Postfix's generator on the same sink. smtp-sink counts totals: a run of the same size against the built-in
 * sink proves first that every recipient is mailed once.
 */
export async function measureSend(bench: Bench): Promise<Metric[]> {
  const readers = bench.options.readers ?? DEFAULT_READERS;
  const fixture = await bench.fixture(readers);
  const proof = await bench.proof(readers);
  const metrics = await withSink(bench, async (sink) => {
    const pairs = await measureInterleaved(bench, readers, sink, proof);
    bench.sendRate = median(pairs.sent.map((run) => run.perSecond));
    const large = bench.options.quick ? undefined : await sendToManyReaders(bench, readers, sink);
    return toMetrics(pairs, proof, fixture.variants, large);
  });
  return [
    ...metrics,
    ...(bench.options.quick ? [] : await measureTlsAndDkim(bench, Math.min(readers, 20_000))),
    ...(bench.options.quick ? [] : await measureRates(bench)),
  ];
}

type Pairs = { readers: number; sink: Sink['kind']; sent: SendRun[]; generated: number[] };

/** Postfix's sink where it is installed. */
export async function withSink<Result>(bench: Bench, work: (sink: Sink) => Promise<Result>): Promise<Result> {
  const { folder } = bench.servers;
  const sink = hasSmtpSink() ? await startSmtpSink(folder) : await startCountingSink(folder);
  try {
    return await work(sink);
  } finally {
    await sink.stop();
  }
}

/** Both in turns, so that whatever else the machine does affects both alike. */
async function measureInterleaved(bench: Bench, readers: number, sink: Sink, proof: Proof): Promise<Pairs> {
  const fixture = await bench.fixture(readers);
  const pairs: Pairs = { readers, sink: sink.kind, sent: [], generated: [] };
  for (let run = 1; run <= bench.options.runs; run += 1) {
    const sent = await sendOnce(fixture, sink);
    pairs.sent.push(sent);
    bench.log(`send ${run}: ${Math.round(sent.perSecond)}/s in ${sent.seconds.toFixed(1)} s`);
    if (!hasSmtpSource()) continue;
    const rate = await runSmtpSource(sink, readers, proof.payload);
    pairs.generated.push(rate);
    bench.log(`smtp-source ${run}: ${Math.round(rate)}/s`);
  }
  return pairs;
}

/** Once with ten times the readers: memory must not grow with the audience. */
async function sendToManyReaders(bench: Bench, readers: number, sink: Sink): Promise<SendRun> {
  const fixture = await bench.fixture(readers * LARGE_FACTOR);
  const run = await sendOnce(fixture, sink);
  await dropDatabase(bench.servers, fixture.template);
  bench.log(`send to ${fixture.readers}: ${Math.round(run.perSecond)}/s`);
  return run;
}

function toMetrics(pairs: Pairs, proof: Proof, variants: number, large: SendRun | undefined): Metric[] {
  const { readers, sent, generated } = pairs;
  const broken = [proof.run, ...sent, ...(large === undefined ? [] : [large])].find(
    (run) => run.invalid,
  )?.invalid;
  const line = { bench: 'send', ...(broken === undefined ? {} : { invalid: broken }) };
  const shape = `${readers} readers, ${variants} variants, ${proof.bytes} bytes a message, into ${pairs.sink}`;
  const ratios = generated.map((rate, at) => (sent[at]?.perSecond ?? 0) / rate);
  const servers = definedValues(sent.map(({ cpu }) => sum(cpu.postgres, cpu.redis)));
  const peak = Math.max(...definedValues(sent.map((run) => run.peakMemory)), 0) / MB;
  return [
    medianMetric(
      { ...line, what: 'digest, messages', unit: '/s', note: shape },
      sent.map((run) => run.perSecond),
    ),
    medianMetric({ ...line, what: 'smtp-source, messages', unit: '/s' }, generated),
    medianMetric({ ...line, what: 'digest / smtp-source', unit: 'x', target: { min: 0.9 } }, ratios),
    medianMetric(
      { ...line, what: 'CPU of Postgres + Redis a reader', unit: 'µs', target: { max: 20 } },
      servers,
    ),
    medianMetric(
      { ...line, what: 'CPU of the worker a reader', unit: 'µs' },
      definedValues(sent.map(({ cpu }) => cpu.worker)),
    ),
    { ...line, what: `peak memory, ${readers} readers`, value: peak, unit: 'MB', target: { max: 180 } },
    ...(large === undefined ? [] : largeMetrics(line, readers, large, peak)),
  ];
}

function largeMetrics(line: { bench: string }, readers: number, large: SendRun, peak: number): Metric[] {
  const much = (large.peakMemory ?? 0) / MB;
  const crowd = readers * LARGE_FACTOR;
  return [
    { ...line, what: `digest to ${crowd}, messages`, value: large.perSecond, unit: '/s' },
    { ...line, what: `peak memory, ${crowd} readers`, value: much, unit: 'MB', target: { max: 180 } },
    {
      ...line,
      what: `peak memory, ${crowd} / ${readers}`,
      value: much / peak,
      unit: 'x',
      target: { max: 1.1 },
    },
  ];
}

function definedValues(values: readonly (number | undefined)[]): number[] {
  return values.filter((value) => value !== undefined);
}

function sum(one: number | undefined, other: number | undefined): number | undefined {
  return one === undefined ? undefined : one + (other ?? 0);
}
