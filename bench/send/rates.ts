import { compareByRecipient } from '../support/ledger.js';
import type { Bench } from '../bench.js';
import type { Metric } from '../support/metrics.js';
import { startCountingSink, type CountingSink } from '../support/sink/sinks.js';
import { sendOnce } from './send-run.js';

const WINDOW_MS = 60_000;

/** Rates of SMTP_URL, with mail waiting for at least seventy seconds. */
const RATES = [
  { query: 'perSecond=50', perWindow: 3_000, readers: 3_600 },
  { query: 'perMinute=600', perWindow: 600, readers: 720 },
];

/** How much of a rate is used, and that it is never more, in any sixty seconds as the mail server counts them. */
export async function measureRates(bench: Bench): Promise<Metric[]> {
  const metrics: Metric[] = [];
  for (const rate of RATES) {
    bench.log(`send with ${rate.query}`);
    const sink = await startCountingSink(bench.servers.folder);
    try {
      metrics.push(...(await measureRate(bench, sink, rate)));
    } finally {
      await sink.stop();
    }
  }
  return metrics;
}

async function measureRate(
  bench: Bench,
  sink: CountingSink,
  { query, perWindow, readers }: (typeof RATES)[number],
): Promise<Metric[]> {
  const fixture = await bench.fixture(readers);
  let arrivals: number[] = [];
  let broken: string | undefined;
  const run = await sendOnce(fixture, sink, {
    query,
    afterwards: async (db) => {
      const received = await sink.recipients();
      arrivals = [...received.values()].map(({ lastAt }) => lastAt).toSorted((a, b) => a - b);
      for (const email of received.keys()) if (email.startsWith('warm-up-')) received.delete(email);
      const { missed, doubled } = await compareByRecipient(db, fixture.publicationId, received);
      if (missed + doubled > 0) broken = `${missed} missed, ${doubled} doubled`;
    },
  });
  const invalid = run.invalid ?? broken;
  const line = { bench: 'send', unit: 'x', ...(invalid === undefined ? {} : { invalid }) };
  const last = arrivals.at(-1) ?? 0;
  // The digest itself, without what the worker warmed up with.
  const first = last - run.seconds * 1000;
  const { most } = countInWindows(arrivals, arrivals[0] ?? 0, last);
  const { fewest } = countInWindows(arrivals, first, last);
  return [
    { ...line, what: `${query}: most in 60 s / limit`, value: most / perWindow, target: { max: 1 } },
    { ...line, what: `${query}: fewest in 60 s / limit`, value: fewest / perWindow, target: { min: 0.9 } },
  ];
}

/** Arrivals in any window between two moments, in milliseconds: one that begins with each arrival, and ten a second. */
function countInWindows(
  arrivals: readonly number[],
  from: number,
  until: number,
): { most: number; fewest: number } {
  const starts = arrivals.filter((at) => at >= from);
  for (let start = from; start + WINDOW_MS <= until; start += 100) starts.push(start);
  let [most, fewest] = [0, Infinity];
  for (const start of starts) {
    const count = arrivals.filter((at) => at >= start && at < start + WINDOW_MS).length;
    most = Math.max(most, count);
    if (start + WINDOW_MS <= until) fewest = Math.min(fewest, count);
  }
  return { most, fewest };
}
