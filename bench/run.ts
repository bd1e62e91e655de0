import { writeFileSync } from 'node:fs';
import { openBench, type Bench, type Measure } from './bench.js';
import { measureFaults } from './faults.js';
import { isMet, type Figure } from './figures.js';
import { describeMachine, machineLines, type Machine } from './machine.js';
import { benchNames, readOptions, USAGE, type BenchName, type Options } from './options.js';
import { measurePlan } from './plan.js';
import { measureSeed } from './seed.js';
import { measureSend } from './send.js';
import { measureSignUp } from './signup.js';
import { startBenchServers } from './servers.js';
import { hasSmtpSink } from './sinks.js';
import { hasSmtpSource } from './smtp-source.js';
import { tableOf } from './table.js';
import { measureUsual } from './usual.js';
import { compile } from './workers.js';

// npm run bench: measures what the README says about speed, on servers of its own.

/** In this order; what is not here does not exist yet. */
const measures: Partial<Record<BenchName, Measure>> = {
  seed: measureSeed,
  send: measureSend,
  usual: measureUsual,
  plan: measurePlan,
  faults: measureFaults,
  signup: measureSignUp,
};

const say = (line: string) => void process.stderr.write(`${line}\n`);

try {
  process.exitCode = await main(readOptions(process.argv.slice(2)));
} catch (error) {
  say(`${error instanceof Error ? error.message : String(error)}\n\n${USAGE}`);
  process.exitCode = 2;
}

/** Answers the exit code: 1 when a line is void or misses its bar. */
async function main(options: Options): Promise<number> {
  compile();
  const servers = await startBenchServers(say);
  const interrupted = () => void servers.stop().finally(() => process.exit(130));
  process.once('SIGINT', interrupted).once('SIGTERM', interrupted);
  try {
    const machine = await describeMachine(servers, hasSmtpSink() && hasSmtpSource());
    for (const line of machineLines(machine)) say(line);
    const figures = await measureAll(openBench(servers, options, say));
    report(options, machine, figures);
    return figures.every((figure) => isMet(figure) !== false && figure.void === undefined) ? 0 : 1;
  } finally {
    await servers.stop();
  }
}

async function measureAll(bench: Bench): Promise<Figure[]> {
  const { names } = bench.options;
  const figures: Figure[] = [];
  for (const name of benchNames) {
    if (names.length > 0 && !names.includes(name)) continue;
    const measure = measures[name];
    if (measure === undefined) say(`${name}: this benchmark does not exist yet`);
    else figures.push(...(await measure(bench)));
  }
  return figures;
}

function report(options: Options, machine: Machine, figures: Figure[]): void {
  const lines = figures.map((figure) => ({ ...figure, met: isMet(figure) ?? null }));
  const results = { at: new Date().toISOString(), machine, options, figures: lines };
  writeFileSync(options.out, `${JSON.stringify(results, null, 2)}\n`);
  for (const line of [...machineLines(machine), '', ...tableOf(figures), ''])
    process.stdout.write(`${line}\n`);
  say(`written to ${options.out}`);
}
