import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { listBatchJournals, type JournalInfo } from '../../src/deliveries/batches/journal.js';
import { sql } from '../../src/platform/db/sql.js';
import type { Bench } from '../bench.js';
import { faultMetric, toMetrics } from './metrics.js';
import { sleepRandomly, runScenario, waitForMessages, type FaultContext } from './scenario.js';
import type { Metric } from '../support/metrics.js';

/** Another machine has a data directory of its own: no other worker can read its journals. */
export async function measureLostMachine(bench: Bench): Promise<Metric[]> {
  const what = 'two machines, one killed for good';
  let orphans: string[] = [];
  const queuedAgain = new Set<string>();
  const uncertainAt: number[] = [];
  let lostLeases: string[] = [];
  // Its batches wait for it for a minute and a half; everything else goes on.
  const watch = { listLostLeases: () => lostLeases };
  const result = await runScenario(bench, { policy: 'hold', seconds: 30, watch }, async (context) => {
    const lost = context.startWorker('-lost');
    const other = context.startWorker();
    await waitForMessages(context, 200, 0);
    await sleepRandomly(500, 2_000);
    await lost.stop('SIGKILL');
    const killedAt = Date.now();
    lostLeases = listJournals(context, '-lost').map(({ lease }) => lease);
    await sleep(200); // statements from before the kill may still be under way
    orphans = await listSendingOfLeases(context, lostLeases);
    for (const end = killedAt + MAX_WAIT_MS; Date.now() < end; await sleep(500)) {
      const states = await findStates(context, orphans);
      for (const { id, state } of states) if (state === 'queued' || state === 'accepted') queuedAgain.add(id);
      if (states.every(({ state }) => state !== 'sending')) break;
    }
    uncertainAt.push((Date.now() - killedAt) / 1000);
    await context.finish();
    await other.stop();
  });
  return [
    ...toMetrics(
      what,
      result,
      { missed: 0, doubled: 0, uncertain: orphans.length },
      {
        note: `uncertain=hold; ${orphans.length} were being sent by it`,
        invalid: orphans.length === 0 ? 'it was sending nothing when it was killed' : undefined,
      },
    ),
    faultMetric(`${what}: queued again`, queuedAgain.size, 'readers', { max: 0 }),
    faultMetric(`${what}: uncertain after`, uncertainAt[0] ?? Number.NaN, 's', { max: 110 }),
  ];
}

/** Longer than a lease, its grace and a round of the sweep together. */
const MAX_WAIT_MS = 120_000;

function listJournals({ bench, settings }: FaultContext, machine = ''): JournalInfo[] {
  return listBatchJournals(join(bench.servers.folder, `${settings.dataDir}${machine}`));
}

async function listSendingOfLeases({ db }: FaultContext, leases: string[]): Promise<string[]> {
  const rows = await db.many<{ id: string }>(sql`
    select d.subscription_id as id
      from deliveries d
      join batches b on b.digest_id = d.digest_id and b.number = d.batch
     where d.state = 'sending'
       and b.lease_token = any(${leases}::uuid[])
  `);
  return rows.map(({ id }) => id);
}

function findStates({ db }: FaultContext, ids: string[]): Promise<{ id: string; state: string }[]> {
  return db.many(sql`
    select subscription_id as id, state
      from deliveries
     where subscription_id = any(${ids}::uuid[])
  `);
}

const STOP_DURATION_MS = 40_000;

/** A worker is only stopped, and not dead: another one takes over, and then the first continues with its old lease. */
export async function measureStoppedWorkers(bench: Bench): Promise<Metric[]> {
  const what = `SIGSTOP for ${STOP_DURATION_MS / 1000} s, then SIGCONT, x 2`;
  const stops: { sending: number; stillHeld: number }[] = [];
  const result = await runScenario(bench, { policy: 'hold', seconds: 120 }, async (context) => {
    const workers = [context.startWorker(), context.startWorker()];
    await waitForMessages(context, 200, 0);
    for (const { pid } of workers) {
      await sleepRandomly(500, 2_000);
      stops.push(await stopAndContinue(context, pid));
      await waitForMessages(context, 200, await context.sink.messages());
    }
    await context.finish();
    for (const worker of workers) await worker.stop();
  });
  const held = stops.reduce((sum, { stillHeld }) => sum + stillHeld, 0);
  const idle = stops.some(({ sending }) => sending === 0);
  return [
    ...toMetrics(
      what,
      result,
      { missed: 0, doubled: 0 },
      {
        note: `uncertain=hold, one DATA_DIR; being sent when stopped: ${stops.map(({ sending }) => sending).join(', ')}`,
        invalid: idle ? 'one was sending nothing when it was stopped' : undefined,
      },
    ),
    faultMetric(`${what}: leases nobody had taken over by then`, held, 'leases', { max: 0 }),
  ];
}

async function stopAndContinue(
  context: FaultContext,
  pid: number,
): Promise<{ sending: number; stillHeld: number }> {
  process.kill(pid, 'SIGSTOP');
  await sleep(200);
  const leases = listJournals(context)
    .filter(({ owner }) => owner.pid === pid)
    .map(({ lease }) => lease);
  const sending = (await listSendingOfLeases(context, leases)).length;
  await sleep(STOP_DURATION_MS);
  const { count } = await context.db.one<{ count: number }>(sql`
    select count(*) as count from batches where lease_token = any(${leases}::uuid[])
  `);
  process.kill(pid, 'SIGCONT');
  return { sending, stillHeld: count };
}
