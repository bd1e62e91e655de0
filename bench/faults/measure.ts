import type { Bench } from '../bench.js';
import { measureDropsInBody, measureFailedAttempts, measureRefusals } from './smtp-replies.js';
import { measurePoisonedRows } from './poisoned-rows.js';
import { measureKills, measureKillsWithSharedDataDir } from './worker-kills.js';
import { measureClockSteps } from './clock-steps.js';
import { measureEverything } from './everything.js';
import { measureLostMachine, measureStoppedWorkers } from './lost-workers.js';
import { measureNoticesMeanwhile } from './notices-meanwhile.js';
import { measureRepeatedOrders } from './repeated-orders.js';
import { measureRestoredCopies } from './restored-copies.js';
import { measureRollingRestarts } from './rolling-restarts.js';
import { measurePostgresCrashes, measureRedisLoss, unmeasuredMetric } from './server-crashes.js';
import type { Metric } from '../support/metrics.js';

const faults: Record<string, (bench: Bench) => Promise<Metric[]>> = {
  'kill -9': measureKills,
  'two workers': measureKillsWithSharedDataDir,
  'two machines': measureLostMachine,
  stopped: measureStoppedWorkers,
  Redis: measureRedisLoss,
  Postgres: measurePostgresCrashes,
  answers: measureFailedAttempts,
  drops: measureDropsInBody,
  refusals: measureRefusals,
  SIGTERM: measureRollingRestarts,
  notices: measureNoticesMeanwhile,
  'poisoned rows': measurePoisonedRows,
  'repeated orders': measureRepeatedOrders,
  'restored copies': measureRestoredCopies,
  'clock steps': measureClockSteps,
  everything: measureEverything,
};

/**
 * Faults while real workers send a digest, and what they cost by the mail server's own records. The ledger is sampled twice
 * a second; where its states do not add up to what was planned, the lines of that run are invalid.
 */
export async function measureFaults(bench: Bench): Promise<Metric[]> {
  const metrics: Metric[] = [];
  for (const [name, measure] of Object.entries(faults)) {
    if (!name.includes(bench.options.only ?? '')) continue;
    bench.log(`faults: ${name}`);
    metrics.push(...(await measure(bench).catch((error: unknown) => [failedMetric(name, error)])));
  }
  return metrics;
}

function failedMetric(name: string, error: unknown): Metric {
  const reason = error instanceof Error ? error.message : String(error);
  return { ...unmeasuredMetric(name, reason), target: { min: 0 }, invalid: reason };
}
