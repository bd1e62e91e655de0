import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { describeState } from '../../../bench/events/describe-state.js';
import { seedMailed } from '../../../bench/events/mailed.js';
import { recordInChild } from '../../../bench/events/record-in-child.js';
import { createRandom, sampleEvents, shuffleAndRepeat } from '../../../bench/events/sample-events.js';
import { recordEvents } from '../../../src/events/record/record-events.js';
import { resetTestApp } from '../../support/fixtures.js';
import { seed } from '../../support/seed.js';
import { openTestApp, type TestApp } from '../../support/test-app.js';

const secretKey = 'ab'.repeat(32);
const folder = mkdtempSync(join(tmpdir(), 'paperround-events-test-'));
let testApp: TestApp;

beforeAll(async () => {
  testApp = await openTestApp({ settings: { SECRET_KEY: secretKey } });
});
afterAll(async () => {
  await testApp.close();
  rmSync(folder, { recursive: true, force: true });
});

/** Readers, and what comes back of six digests, the same each time. */
async function prepare() {
  await resetTestApp(testApp);
  const { context } = testApp;
  const { id: publicationId } = await testApp.createPublication();
  const mailed = await seedMailed(context, { publicationId, readers: 150, now: context.now() });
  return sampleEvents(context, mailed, { count: 1_500, random: createRandom(seed) });
}

test('events of erased, moved, left and restored readers, in any order, again, and cut by two kills, end as they do in order', async () => {
  const ordered = await prepare();
  for (let at = 0; at < ordered.length; at += 50)
    await recordEvents(testApp.context, ordered.slice(at, at + 50));
  const expected = await describeState(testApp.context.db);
  const kinds = new Set(expected.map((line) => line.split(' ').slice(0, 1).join(' ')));
  expect(kinds).toEqual(
    new Set(['activity', 'bounce', 'consent', 'delivery', 'event', 'subscription', 'suppression']),
  );
  expect(expected.filter((line) => /suppression .* bounced/.test(line)).length).toBeGreaterThan(30);
  expect(expected.filter((line) => /suppression .* complained/.test(line)).length).toBeGreaterThan(10);

  const shuffled = shuffleAndRepeat(await prepare(), createRandom(seed + 1));
  const options = { databaseUrl: testApp.databaseUrl, secretKey, now: testApp.context.now().toISOString() };
  const { failures } = await recordInChild(options, join(folder, 'events.json'), shuffled, 2);
  expect(failures).toBe(0);
  expect(await describeState(testApp.context.db)).toEqual(expected);
}, 240_000);
