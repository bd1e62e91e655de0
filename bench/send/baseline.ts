import { DEFAULT_READERS, type Bench } from '../bench.js';
import { startChild } from '../support/child-process.js';
import { median, medianMetric, type Metric } from '../support/metrics.js';
import { sendOnce } from './send-run.js';
import { withSink } from './measure.js';
import { createDatabase, dropDatabase, withDatabase } from '../support/servers.js';
import { sql } from '../../src/platform/db/sql.js';
import type { Sink } from '../support/sink/sinks.js';
import type { BaselineOptions } from './baseline-child.js';

/** Few, because it is slow; its rate does not depend on their number. */
const BASELINE_READERS = 5_000;
const DATABASE = 'baseline';

/**
 * The design of most senders in Node, one job and one composed mail a reader, in its best case: Liquid templates parsed
 * once, addresses in the jobs, jobs queued before the clock runs, connections that stay open, 50 jobs at once.
 */
export async function measureBaseline(bench: Bench): Promise<Metric[]> {
  const line = { bench: 'usual' };
  const redisUrl = bench.servers.redis?.url;
  if (redisUrl === undefined)
    return [
      {
        ...line,
        what: 'one job a reader',
        value: undefined,
        unit: '/s',
        note: 'it needs Redis, and there is none',
      },
    ];
  const sent = bench.options.readers ?? DEFAULT_READERS;
  const readers = Math.min(BASELINE_READERS, sent);
  const { bytes } = await bench.proof(sent);
  const ours = bench.sendRate ?? (await measureOurRate(bench, sent));
  const runs: { perSecond: number; invalid?: string }[] = [];
  for (let run = 1; run <= bench.options.runs; run += 1) {
    runs.push(await withSink(bench, (sink) => sendBaseline(bench, sink, { redisUrl, bytes, readers })));
    bench.log(`usual ${run}: ${Math.round(runs.at(-1)?.perSecond ?? 0)}/s`);
  }
  const broken = runs.find((run) => run.invalid !== undefined)?.invalid;
  const rates = runs.map(({ perSecond }) => perSecond);
  const counted = { ...line, ...(broken === undefined ? {} : { invalid: broken }) };
  return [
    medianMetric(
      { ...counted, what: 'one job a reader, messages', unit: '/s', note: `${readers} readers` },
      rates,
    ),
    {
      ...counted,
      what: 'digest / one job a reader',
      value: ours / median(rates),
      unit: 'x',
      target: { min: 15 },
    },
  ];
}

async function sendBaseline(
  { servers }: Bench,
  sink: Sink,
  options: Pick<BaselineOptions, 'redisUrl' | 'bytes' | 'readers'>,
): Promise<{ perSecond: number; invalid?: string }> {
  await createDatabase(servers, DATABASE);
  const databaseUrl = servers.urlOf(DATABASE);
  const child = await startChild(new URL('./baseline-child.ts', import.meta.url), {
    ...options,
    databaseUrl,
    port: sink.port,
  });
  try {
    const { milliseconds } = await child.request<{ milliseconds: number }>({ go: true });
    const perSecond = options.readers / (milliseconds / 1000);
    const taken = await sink.messages();
    const recorded = await countSent(servers);
    if (taken === options.readers && recorded === options.readers) return { perSecond };
    return { perSecond, invalid: `${recorded} recorded and ${taken} taken of ${options.readers}` };
  } finally {
    await child.stop();
    await dropDatabase(servers, DATABASE);
  }
}

function countSent(servers: Bench['servers']): Promise<number> {
  return withDatabase(servers, DATABASE, async (db) => {
    const row = await db.one<{ count: number }>(
      sql`select count(*) as count from mails where state = 'sent'`,
    );
    return row.count;
  });
}

/** What the baseline is compared with when `send` was not measured in this run. */
async function measureOurRate(bench: Bench, readers: number): Promise<number> {
  const fixture = await bench.fixture(readers);
  const rates = await withSink(bench, async (sink) => {
    const measured: number[] = [];
    for (let run = 1; run <= bench.options.runs; run += 1)
      measured.push((await sendOnce(fixture, sink)).perSecond);
    return measured;
  });
  return median(rates);
}
