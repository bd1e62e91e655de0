import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { DAY_MS, MINUTE_MS, SECOND_MS } from '../../src/platform/durations.js';
import { findFreePort } from '../../src/platform/process/free-port.js';
import type { Bench } from '../bench.js';
import { createMachineClock, type MachineClock } from '../support/machine-clock.js';
import { waitForWeb } from '../support/processes.js';
import { supervise, type Supervised } from '../support/supervise.js';
import type { FaultServers } from './scenario.js';

/** Two machines with a worker and a clock each, and a web process; whatever ends is started again. */
export type Machines = {
  workers: { worker: Supervised; clock: MachineClock }[];
  web: Supervised;
  port: number;
  stop(): Promise<void>;
};

/** The shortest and the longest time between two of a kind, in seconds. */
const INTERVALS = {
  'worker killed': [4, 10],
  'web killed': [6, 15],
  'Postgres crashed': [15, 40],
  'Redis crashed': [12, 30],
  'clock stepped': [10, 25],
} as const;
type EventName = keyof typeof INTERVALS;

/** How often each has happened; Redis is not among them where there is none. */
export type EventCounts = Map<EventName, number>;

const CLOCK_STEPS = [365 * DAY_MS, -365 * DAY_MS, 5 * MINUTE_MS, -5 * MINUTE_MS];
const WRONG_CLOCK_SECONDS = [5, 15] as const;

export async function startMachines(servers: FaultServers): Promise<Machines> {
  const { folder } = servers.bench.servers;
  const port = await findFreePort();
  const machines = ['-a', '-b'].map((name) => {
    const clock = createMachineClock(folder, `${servers.settings.database}${name}`);
    const { environment } = clock;
    return { worker: supervise(() => servers.startWorker(name, { environment })), clock };
  });
  const web = supervise(() => servers.startWeb({ environment: { PORT: String(port) } }));
  await waitForWeb(port);
  return {
    workers: machines,
    ...{ web, port },
    stop: async () => {
      for (const one of [...machines.map(({ worker }) => worker), web]) await one.stop();
    },
  };
}

/** Causes all of it, each by itself at random moments, until it is over. Then all clocks are right and all servers are back. */
export async function causeEverything(
  { servers, log }: Bench,
  { workers, web }: Machines,
  over: AbortSignal,
): Promise<EventCounts> {
  const counts: EventCounts = new Map();
  const { postgres, redis } = servers;
  const repeat = async (name: EventName, cause: () => Promise<void>) => {
    counts.set(name, 0);
    const wait = () => sleep(random(INTERVALS[name]) * SECOND_MS, undefined, { signal: over });
    while (
      await wait().then(
        () => true,
        () => false,
      )
    ) {
      log(`faults: ${name}`);
      await cause();
      counts.set(name, (counts.get(name) ?? 0) + 1);
    }
  };
  const stepClock = async () => {
    const { clock } = pick(workers);
    clock.set(pick(CLOCK_STEPS));
    await sleep(random(WRONG_CLOCK_SECONDS) * SECOND_MS);
    clock.set(0);
  };
  // Every other time it comes back empty.
  const crashRedis = async () =>
    redis?.crash('SIGKILL', () => {
      if ((counts.get('Redis crashed') ?? 0) % 2 === 1)
        rmSync(join(servers.folder, 'redis/redis/appendonlydir'), { recursive: true, force: true });
    });
  await Promise.all([
    repeat('worker killed', () => pick(workers).worker.kill()),
    repeat('web killed', () => web.kill()),
    repeat('Postgres crashed', () => postgres.crash('SIGQUIT')),
    redis && repeat('Redis crashed', crashRedis),
    repeat('clock stepped', stepClock),
  ]);
  return counts;
}

function random([min, max]: readonly [number, number]): number {
  return min + Math.random() * (max - min);
}

function pick<Item>(items: readonly Item[]): Item {
  return items[Math.floor(Math.random() * items.length)] as Item;
}
