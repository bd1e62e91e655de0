import { setTimeout as sleep } from 'node:timers/promises';
import { DAY_MS, MINUTE_MS, SECOND_MS } from '../../src/platform/durations.js';
import { findFreePort } from '../../src/platform/process/free-port.js';
import type { Bench } from '../bench.js';
import { seedOwner } from '../seed/owner.js';
import { createMachineClock, type MachineClock } from '../support/machine-clock.js';
import type { Metric } from '../support/metrics.js';
import { waitForWeb } from '../support/processes.js';
import { readClockDamage, seedPending, type ClockDamage } from './clock-damage.js';
import { faultMetric, toMetrics } from './metrics.js';
import { readReceived } from './received.js';
import { runScenario, waitForMessages, type FaultContext } from './scenario.js';
import { waitUntil } from './wait-until.js';

/** How far the clock of the machine is stepped, in milliseconds; with --quick the first alone. */
const STEPS = [365 * DAY_MS, -365 * DAY_MS, 5 * MINUTE_MS, -5 * MINUTE_MS];

/** What was on the wire when the clock was stepped is over by then. */
const SETTLE_MS = 3 * SECOND_MS;
/** The clock is looked at each minute, and operators are told in the next. */
const ALERT_TIMEOUT_MS = 180_000;
/** Longer than the sweep, the release and the polling of feeds take to come again. */
const WRONG_MS = 20 * SECOND_MS;

type Found = { mails: number; notSaid: number; isTold: boolean; damage: ClockDamage };

/** The wall clock of the machine of worker and web is stepped while a digest is sent, and workers start by it; then it is set right. */
export async function measureClockSteps(bench: Bench): Promise<Metric[]> {
  const steps = bench.options.quick ? STEPS.slice(0, 1) : STEPS;
  const what = `clock stepped by a year or five minutes, x ${steps.length}`;
  let isWrong = false;
  let found: Found | undefined;
  const watch = { maySend: () => !isWrong };
  const result = await runScenario(bench, { policy: 'hold', seconds: 60, watch }, async (context) => {
    const clock = createMachineClock(bench.servers.folder, context.settings.database);
    found = await stepAgainAndAgain(
      context,
      {
        environment: clock.environment,
        set: (aheadMs) => {
          isWrong = aheadMs !== 0;
          clock.set(aheadMs);
        },
      },
      steps,
    );
  });
  if (found === undefined) throw new Error('No clock was stepped.');
  const { mails, notSaid, isTold, damage } = found;
  return [
    ...toMetrics(what, result, { missed: 0, doubled: 0, uncertain: 0 }, { note: 'uncertain=hold' }),
    faultMetric(`${what}: mailed by a wrong clock`, mails, 'mails', { max: 0 }),
    faultMetric(`${what}: not said by /readyz, or longer than it was so`, notSaid, 'steps', { max: 0 }),
    faultMetric(`${what}: owner told`, isTold ? 1 : 0, 'owners', { min: 1 }),
    faultMetric(`${what}: given up`, damage.givenUp, 'mails', { max: 0 }),
    faultMetric(`${what}: planned`, damage.planned, 'mails', { max: 0 }),
    faultMetric(`${what}: deleted`, damage.deleted, 'readers', { max: 0 }),
    faultMetric(`${what}: times left far away`, damage.farTimes, 'rows', { max: 0 }),
  ];
}

async function stepAgainAndAgain(
  context: FaultContext,
  clock: MachineClock,
  steps: readonly number[],
): Promise<Found> {
  const { db, fixture } = context;
  const found = { mails: 0, notSaid: 0, isTold: false };
  await seedOwner(db);
  await seedPending(db, fixture.publicationId);
  const port = await findFreePort();
  const { environment } = clock;
  const web = context.startWeb({ environment: { ...environment, PORT: String(port) } });
  await waitForWeb(port);
  let worker = context.startWorker('', { environment });
  for (const aheadMs of steps) {
    await waitForMessages(context, 50, await context.sink.messages());
    clock.set(aheadMs);
    await sleep(SETTLE_MS);
    const before = (await readReceived(context)).mails;
    if (!found.isTold)
      found.isTold = await waitUntil(async () => (await readReceived(context)).alerts > 0, ALERT_TIMEOUT_MS);
    const wasSaid = await saysClock(port, false);
    // One that is started now has never seen another time.
    await worker.stop('SIGKILL');
    worker = context.startWorker('', { environment });
    await sleep(WRONG_MS);
    found.mails += (await readReceived(context)).mails - before;
    clock.set(0);
    if (!wasSaid || !(await waitUntil(() => saysClock(port, true)))) found.notSaid += 1;
  }
  await waitForMessages(context, 50, await context.sink.messages());
  const damage = await readClockDamage(db, fixture);
  await context.finish();
  await worker.stop();
  await web.stop();
  return { ...found, damage };
}

/** Whether /readyz says so of the clock. */
async function saysClock(port: number, isRight: boolean): Promise<boolean> {
  const response = await fetch(`http://127.0.0.1:${port}/readyz`);
  const { clock = true } = (await response.json()) as { clock?: boolean };
  return clock === isRight && (isRight || response.status === 503);
}
