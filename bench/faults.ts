import type { Bench } from './bench.js';
import { brokenAttempts, refusedByAll } from './fault-answers.js';
import { killStorms, sharedFolder } from './fault-kills.js';
import { lostMachine, stoppedWorkers } from './fault-machines.js';
import { noticesMeanwhile } from './fault-notices.js';
import { rollingRestarts } from './fault-restarts.js';
import { crashingPostgres, forgetfulRedis, notMeasured } from './fault-servers.js';
import type { Figure } from './figures.js';

const faults: Record<string, (bench: Bench) => Promise<Figure[]>> = {
  'kill -9': killStorms,
  'two workers': sharedFolder,
  'two machines': lostMachine,
  stopped: stoppedWorkers,
  Redis: forgetfulRedis,
  Postgres: crashingPostgres,
  answers: brokenAttempts,
  refusals: refusedByAll,
  SIGTERM: rollingRestarts,
  notices: noticesMeanwhile,
};

/**
 * Harm while a digest is sent by real workers, and what it cost by the mail server's own book. In every one of these runs
 * the ledger is sampled twice a second: its states add up to what was planned, or the lines of that run are void.
 */
export async function measureFaults(bench: Bench): Promise<Figure[]> {
  const figures: Figure[] = [];
  for (const [name, measure] of Object.entries(faults)) {
    if (!name.includes(bench.options.only ?? '')) continue;
    bench.say(`faults: ${name}`);
    figures.push(...(await measure(bench).catch((error: unknown) => [failed(name, error)])));
  }
  return figures;
}

function failed(name: string, error: unknown): Figure {
  const reason = error instanceof Error ? error.message : String(error);
  return { ...notMeasured(name, reason), bar: { least: 0 }, void: reason };
}
