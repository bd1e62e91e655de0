import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { openTestApp, type TestApp } from '../../../support/test-app.js';
import { createConfirmedReader, readMails, post } from '../../../support/reader-actions.js';
import { DAY_MS, MINUTE_MS } from '../../../../src/platform/durations.js';

const SLUGS = ['lantern', 'gazette', 'courier'];

let testApp: TestApp;

beforeAll(async () => {
  testApp = await openTestApp({ settings: { TRUST_PROXY: '1' } });
  for (const slug of SLUGS) await testApp.createPublication({ slug });
});

afterAll(() => testApp.close());

/** Forms for one address, a thousand in an hour, from 200 networks, in different cases and with spaces. */
async function bomb(victim: string, slugs: readonly string[], waves = 10): Promise<Record<number, number>> {
  const statuses: Record<number, number> = {};
  for (let wave = 0; wave < waves; wave += 1) {
    const answers = await Promise.all(
      Array.from({ length: 100 }, (_, at) => {
        const number = wave * 100 + at;
        const email = number % 3 === 0 ? victim.toUpperCase() : ` ${victim}`;
        const from = { 'x-forwarded-for': `198.18.${number % 200}.7` };
        return post(`${testApp.url}/${slugs[number % slugs.length]}/subscriptions`, { email }, from);
      }),
    );
    for (const { status } of answers) statuses[status] = (statuses[status] ?? 0) + 1;
    await testApp.runDueJobs();
    testApp.advanceClock(6 * MINUTE_MS);
  }
  return statuses;
}

async function mailedTo(victim: string): Promise<number> {
  return (await readMails(testApp)).filter(({ to }) => to.toLowerCase() === victim).length;
}

test('a thousand sign-ups for one victim from 200 networks mail her at most twice, and are all answered alike', async () => {
  expect(await bomb('victim@example.com', ['lantern'])).toEqual({ 303: 1000 });
  expect(await mailedTo('victim@example.com')).toBeLessThanOrEqual(2);
});

test('the same holds for a reader of the newsletter, who is told that she is subscribed', async () => {
  await createConfirmedReader(testApp, 'reader@example.com');
  const before = await mailedTo('reader@example.com');
  await bomb('reader@example.com', ['lantern']);
  expect((await mailedTo('reader@example.com')) - before).toBeLessThanOrEqual(2);
});

test('many newsletters at once mail her five times a day at most, and three times a month each', async () => {
  await bomb('another@example.com', SLUGS, 2);
  expect(await mailedTo('another@example.com')).toBeLessThanOrEqual(5);
  for (let day = 0; day < 6; day += 1) {
    testApp.advanceClock(DAY_MS);
    await bomb('another@example.com', SLUGS, 1);
  }
  expect(await mailedTo('another@example.com')).toBeLessThanOrEqual(3 * SLUGS.length);
}, 60_000);

test('one network that sends them all is told to come back later, whatever the address', async () => {
  testApp.advanceClock(DAY_MS);
  const from = { 'x-forwarded-for': '2001:db8:1:2::3' };
  const statuses = [];
  for (let number = 0; number < 70; number += 1) {
    const answer = await post(
      `${testApp.url}/lantern/subscriptions`,
      { email: `r${number}@example.com` },
      from,
    );
    statuses.push(answer.status);
    if (answer.status === 429) expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0);
  }
  expect(statuses.filter((status) => status === 303)).toHaveLength(60);
  expect(statuses.slice(60)).toEqual(Array.from({ length: 10 }, () => 429));
});
