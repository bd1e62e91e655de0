import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { listBatchJournals, type FoundJournal } from '../src/deliveries/batch-journal.js';
import { sql } from '../src/platform/db/sql.js';
import type { Bench } from './bench.js';
import { figure, figuresOf } from './fault-figures.js';
import { moment, onGround, taken, type Ground } from './fault-ground.js';
import type { Figure } from './figures.js';

/** Another machine is one with a data directory of its own: its journals are nobody else's to read. */
export async function lostMachine(bench: Bench): Promise<Figure[]> {
  const what = 'two machines, one killed for good';
  let orphans: string[] = [];
  const queuedAgain = new Set<string>();
  const uncertainAt: number[] = [];
  const aftermath = await onGround(bench, { policy: 'hold', seconds: 30 }, async (ground) => {
    const lost = ground.work('-lost');
    const other = ground.work();
    await taken(ground, 200, 0);
    await moment(500, 2_000);
    await lost.end('SIGKILL');
    const killedAt = Date.now();
    orphans = await listOrphans(ground, '-lost');
    for (const end = killedAt + LONGEST_MS; Date.now() < end; await sleep(500)) {
      const states = await statesOf(ground, orphans);
      for (const { id, state } of states) if (state === 'queued' || state === 'accepted') queuedAgain.add(id);
      if (states.every(({ state }) => state !== 'sending')) break;
    }
    uncertainAt.push((Date.now() - killedAt) / 1000);
    await ground.finish();
    await other.end();
  });
  return [
    ...figuresOf(
      what,
      aftermath,
      { missed: 0, doubled: 0, uncertain: orphans.length },
      {
        note: `uncertain=hold; ${orphans.length} were in its hands`,
        void: orphans.length === 0 ? 'nothing was in its hands when it was killed' : undefined,
      },
    ),
    figure(`${what}: queued again`, queuedAgain.size, 'readers', { most: 0 }),
    figure(`${what}: in doubt after`, uncertainAt[0] ?? Number.NaN, 's', { most: 110 }),
  ];
}

/** A lease, the grace, a round of the sweep, and a little. */
const LONGEST_MS = 120_000;

/** What that machine had in its hands: what it was sending under leases whose journals are in its folder. */
async function listOrphans(ground: Ground, machine: string): Promise<string[]> {
  await sleep(200); // what Postgres was told before the end may be on its way
  const leases = journalsOf(ground, machine).map(({ lease }) => lease);
  return listHeld(ground, leases);
}

function journalsOf({ bench, settings }: Ground, machine = ''): FoundJournal[] {
  return listBatchJournals(join(bench.servers.folder, `${settings.dataDir}${machine}`));
}

async function listHeld({ db }: Ground, leases: string[]): Promise<string[]> {
  const rows = await db.many<{ id: string }>(sql`
    select d.subscription_id as id
      from deliveries d
      join batches b on b.digest_id = d.digest_id and b.number = d.batch
     where d.state = 'sending'
       and b.lease_token = any(${leases}::uuid[])
  `);
  return rows.map(({ id }) => id);
}

function statesOf({ db }: Ground, ids: string[]): Promise<{ id: string; state: string }[]> {
  return db.many(sql`
    select subscription_id as id, state
      from deliveries
     where subscription_id = any(${ids}::uuid[])
  `);
}

const STOPPED_MS = 40_000;

/** A worker that is not dead, only stopped: another one takes over, and then it comes back with the old lease in its head. */
export async function stoppedWorkers(bench: Bench): Promise<Figure[]> {
  const what = `SIGSTOP for ${STOPPED_MS / 1000} s, then SIGCONT, x 2`;
  const stops: { inHands: number; stillHeld: number }[] = [];
  const aftermath = await onGround(bench, { policy: 'hold', seconds: 120 }, async (ground) => {
    const workers = [ground.work(), ground.work()];
    await taken(ground, 200, 0);
    for (const { pid } of workers) {
      await moment(500, 2_000);
      stops.push(await stopFor(ground, pid));
      await taken(ground, 200, await ground.sink.messages());
    }
    await ground.finish();
    for (const worker of workers) await worker.end();
  });
  const held = stops.reduce((sum, { stillHeld }) => sum + stillHeld, 0);
  const idle = stops.some(({ inHands }) => inHands === 0);
  return [
    ...figuresOf(
      what,
      aftermath,
      { missed: 0, doubled: 0, stallSeconds: 30 },
      {
        note: `uncertain=hold, one DATA_DIR; in hands when stopped: ${stops.map(({ inHands }) => inHands).join(', ')}`,
        void: idle ? 'nothing was in hands when one was stopped' : undefined,
      },
    ),
    figure(`${what}: leases nobody had taken over by then`, held, 'leases', { most: 0 }),
  ];
}

async function stopFor(ground: Ground, pid: number): Promise<{ inHands: number; stillHeld: number }> {
  process.kill(pid, 'SIGSTOP');
  await sleep(200);
  const leases = journalsOf(ground)
    .filter(({ owner }) => owner.pid === pid)
    .map(({ lease }) => lease);
  const inHands = (await listHeld(ground, leases)).length;
  await sleep(STOPPED_MS);
  const { count } = await ground.db.one<{ count: number }>(sql`
    select count(*) as count from batches where lease_token = any(${leases}::uuid[])
  `);
  process.kill(pid, 'SIGCONT');
  return { inHands, stillHeld: count };
}
