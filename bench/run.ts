import { writeFileSync } from 'node:fs';
import type { Bench, Benchmark } from './bench.js';
import { createBench } from './create-bench.js';
import { measureDesk } from './desk/measure.js';
import { measureEvents } from './events/measure.js';
import { measureFaults } from './faults/measure.js';
import { meetsTarget, type Metric } from './support/metrics.js';
import { describeMachine, machineLines, type Machine } from './support/machine.js';
import { measureImport } from './import/measure.js';
import { benchNames, readOptions, USAGE, type BenchName, type Options } from './options.js';
import { measurePlan } from './plan/measure.js';
import { measureReconcile } from './reconcile/measure.js';
import { measureSeed } from './seed/measure.js';
import { measureSend } from './send/measure.js';
import { measureSignUp } from './signup/measure.js';
import { startBenchServers } from './support/servers.js';
import { hasSmtpSink } from './support/sink/sinks.js';
import { hasSmtpSource } from './support/smtp-source.js';
import { formatTable } from './support/table.js';
import { measureBaseline } from './send/baseline.js';
import { compileCheckout } from './support/processes.js';

// npm run bench: measures what the README says about speed, on servers of its own.

/** Run in this order. A name without a function is reserved. */
const benchmarks: Partial<Record<BenchName, Benchmark>> = {
  seed: measureSeed,
  send: measureSend,
  usual: measureBaseline,
  plan: measurePlan,
  faults: measureFaults,
  reconcile: measureReconcile,
  signup: measureSignUp,
  desk: measureDesk,
  events: measureEvents,
  import: measureImport,
};

const log = (line: string) => void process.stderr.write(`${line}\n`);

try {
  process.exitCode = await main(readOptions(process.argv.slice(2)));
} catch (error) {
  log(`${error instanceof Error ? error.message : String(error)}\n\n${USAGE}`);
  process.exitCode = 2;
}

/** Answers the exit code: 1 when a line is invalid or misses its target. */
async function main(options: Options): Promise<number> {
  compileCheckout();
  const servers = await startBenchServers(log);
  const interrupted = () => void servers.stop().finally(() => process.exit(130));
  process.once('SIGINT', interrupted).once('SIGTERM', interrupted);
  try {
    const machine = await describeMachine(servers, hasSmtpSink() && hasSmtpSource());
    for (const line of machineLines(machine)) log(line);
    const metrics = await measureAll(createBench(servers, options, log));
    reportMetrics(options, machine, metrics);
    return metrics.every((metric) => meetsTarget(metric) !== false && metric.invalid === undefined) ? 0 : 1;
  } finally {
    await servers.stop();
  }
}

async function measureAll(bench: Bench): Promise<Metric[]> {
  const { names } = bench.options;
  const metrics: Metric[] = [];
  for (const name of benchNames) {
    if (names.length > 0 && !names.includes(name)) continue;
    const measure = benchmarks[name];
    if (measure === undefined) log(`${name}: this benchmark does not exist yet`);
    else metrics.push(...(await measure(bench)));
  }
  return metrics;
}

function reportMetrics(options: Options, machine: Machine, metrics: Metric[]): void {
  const lines = metrics.map((metric) => ({ ...metric, met: meetsTarget(metric) ?? null }));
  const results = { at: new Date().toISOString(), machine, options, figures: lines };
  writeFileSync(options.out, `${JSON.stringify(results, null, 2)}\n`);
  for (const line of [...machineLines(machine), '', ...formatTable(metrics), ''])
    process.stdout.write(`${line}\n`);
  log(`written to ${options.out}`);
}
