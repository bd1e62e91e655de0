import { join } from 'node:path';
import { loadAddressHasher } from '../../src/platform/crypto/address-hash.js';
import { deriveKey } from '../../src/platform/crypto/keys.js';
import { createLinks } from '../../src/platform/crypto/signed-links.js';
import { migrate } from '../../src/platform/db/migrate.js';
import type { IncomingEvent } from '../../src/events/event.js';
import type { Bench } from '../bench.js';
import { medianMetric, type Metric } from '../support/metrics.js';
import { seedPublication } from '../seed/articles.js';
import { createDatabase, dropDatabase, secretKey, withDatabase } from '../support/servers.js';
import { describeState } from './describe-state.js';
import { seedMailed } from './mailed.js';
import { recordInChild } from './record-in-child.js';
import { createRandom, sampleEvents, shuffleAndRepeat } from './sample-events.js';

const EVENTS = 50_000;
const KILLS = 2;
const TEMPLATE = 'events';

/**
 * Events recorded a second, with what they do to readers, in a process of its own; and whether the same events, in any order, again
 * and cut by two kills, leave the same.
 */
export async function measureEvents(bench: Bench): Promise<Metric[]> {
  const now = new Date();
  const readers = bench.options.readers ?? EVENTS / 5;
  bench.log(`events: seeding ${readers} readers with six digests`);
  const events = await seed(bench, readers, now);
  const ordered: number[] = [];
  let expected: string[] = [];
  for (let run = 1; run <= bench.options.runs; run += 1) {
    const result = await record(bench, events, now);
    ordered.push((events.length / result.milliseconds) * 1000);
    expected = result.state;
    bench.log(`events ${run}: ${Math.round(ordered.at(-1) ?? 0)} a second`);
  }
  const shuffled = shuffleAndRepeat(events, createRandom(2));
  const { state } = await record(bench, shuffled, now, KILLS);
  await dropDatabase(bench.servers, TEMPLATE);
  const different = countDifferent(expected, state);
  const invalid = different === 0 ? {} : { invalid: `${different} rows differ after another order` };
  return [
    medianMetric(
      { bench: 'events', what: 'events recorded', unit: 'a second', target: { min: 2_000 }, ...invalid },
      ordered,
    ),
    {
      bench: 'events',
      what: `rows that differ after ${shuffled.length} events in another order, with ${KILLS} kills`,
      value: different,
      unit: 'rows',
      target: { max: 0 },
      note: `${events.length} events, ${expected.length} rows`,
    },
  ];
}

function seed({ servers }: Bench, readers: number, now: Date): Promise<IncomingEvent[]> {
  return createDatabase(servers, TEMPLATE)
    .then(() => migrate(servers.urlOf(TEMPLATE)))
    .then(() =>
      withDatabase(servers, TEMPLATE, async (db) => {
        const keys = [deriveKey(secretKey)] as const;
        const hashAddress = await loadAddressHasher(db, keys);
        const { id: publicationId } = await seedPublication({ db, now: () => now }, 'events');
        const context = { db, hashAddress, actor: { kind: 'system' } as const };
        const mailed = await seedMailed(context, { publicationId, readers, now });
        return sampleEvents({ links: createLinks(keys) }, mailed, {
          count: readers * 5,
          random: createRandom(1),
        });
      }),
    );
}

async function record(
  { servers }: Bench,
  events: readonly IncomingEvent[],
  now: Date,
  kills = 0,
): Promise<{ milliseconds: number; state: string[] }> {
  const database = 'events_run';
  await createDatabase(servers, database, TEMPLATE);
  try {
    const options = { databaseUrl: servers.urlOf(database), secretKey, now: now.toISOString() };
    const file = join(servers.folder, 'events.json');
    const { milliseconds, failures } = await recordInChild(options, file, events, kills);
    if (failures > 0) throw new Error(`${failures} events could not be recorded.`);
    return { milliseconds, state: await withDatabase(servers, database, describeState) };
  } finally {
    await dropDatabase(servers, database);
  }
}

function countDifferent(one: readonly string[], other: readonly string[]): number {
  const [first, second] = [new Set(one), new Set(other)];
  return one.filter((line) => !second.has(line)).length + other.filter((line) => !first.has(line)).length;
}
