import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { sql } from '../../src/platform/db/sql.js';
import { jobNames, type JobName } from '../../src/platform/jobs/contract.js';
import { createHandlers } from '../../workers/handlers.js';
import { startFeedServer } from '../support/feed-server.js';
import { openHouse } from '../support/house.js';
import { emptyHouse, later } from '../support/readers.js';
import { changedTables, dumpTables } from '../support/rows.js';
import { chores, type Place } from './chores.js';
import { oneOfEach } from './support.js';

const DAY_MS = 24 * 3_600_000;

let place: Place;
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'paperround-handlers-'));
  const mailLog = join(folder, 'mail.log');
  const house = await openHouse({ mailLog });
  place = { house, publication: await house.publish(), feeds: await startFeedServer(), mailLog };
});
beforeEach(async () => {
  await emptyHouse(place.house);
  await rm(place.mailLog, { force: true });
  place.publication = await place.house.publish();
});
afterAll(async () => {
  await place.feeds.close();
  await place.house.close();
  await rm(folder, { recursive: true });
});

const dump = () => dumpTables(place.house.context.db);

/** Its rows are there, and nothing is promised: this job alone has something to do. */
async function prepare<Name extends JobName>(name: Name) {
  const { payload, expectDone } = await chores[name](place);
  await place.house.context.db.run(sql`delete from outbox`);
  const run = () => place.house.handlers[name](payload);
  return { run, expectDone };
}

/** What days later is due again, and so is done once more. */
const next: Partial<Record<JobName, string[]>> = {
  'alert-operators': ['alerts', 'notices', 'outbox'],
  'watch-sign-ups': ['attacks'],
  'poll-feed': ['feeds'],
  'subscribe-hub': ['feeds'],
  'poll-due': ['outbox'],
  'plan-due': ['subscriptions'],
};

test('there is a handler for every job', () => {
  expect(Object.keys(createHandlers(place.house.context)).sort()).toEqual([...jobNames].sort());
});

describe.each(jobNames)('%s', (name) => {
  test('run twice in a row does no harm', async () => {
    const { run, expectDone } = await prepare(name);
    const before = await dump();
    await run();
    await expectDone();
    const after = await dump();
    expect(changedTables(before, after)).not.toEqual([]);
    await run();
    expect(changedTables(after, await dump())).toEqual([]);
  });

  test('run three times at once does it once', async () => {
    const { run, expectDone } = await prepare(name);
    await Promise.all([run(), run(), run()]);
    await expectDone();
    await place.house.work();
    await expectDone();
  });

  test('run days later, when everything has moved on, does no harm', async () => {
    const { run, expectDone } = await prepare(name);
    await run();
    await later(place.house, 0);
    await later(place.house, 3 * DAY_MS);
    await later(place.house, 0);
    const sent = place.house.smtp.messages.length;
    const before = await dump();
    await run();
    expect(changedTables(before, await dump())).toEqual(next[name] ?? []);
    await expectDone();
    expect(place.house.smtp.messages).toHaveLength(sent);
  });
});

test.each(oneOfEach().map((job) => [job.name, job] as const))(
  '%s for something that is not there changes nothing',
  async (_name, job) => {
    const before = await dump();
    await place.house.handlers[job.name](job.payload as never);
    expect(changedTables(before, await dump())).toEqual([]);
    expect(place.house.smtp.commands).toEqual([]);
  },
);
