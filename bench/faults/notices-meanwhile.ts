import { setTimeout as sleep } from 'node:timers/promises';
import { recordTrustedRequest } from '../../src/subscribers/sign-up/record-requests.js';
import type { Bench } from '../bench.js';
import { faultMetric, toMetrics } from './metrics.js';
import { runScenario, waitForMessages, type FaultContext } from './scenario.js';
import type { Metric } from '../support/metrics.js';

const SIGN_UP_COUNT = 50;
const SIGN_UP_INTERVAL_MS = 150;

/** How long people who sign up while a digest is sent wait for their confirmation mail. */
export async function measureNoticesMeanwhile(bench: Bench): Promise<Metric[]> {
  const what = `${SIGN_UP_COUNT} confirmations while a digest is sent`;
  const waits: number[] = [];
  let meanwhile = 0;
  const result = await runScenario(bench, { seconds: 12 }, async (context) => {
    const worker = context.startWorker();
    await waitForMessages(context, 100, 0);
    const enqueued = await signUpAll(context);
    meanwhile = await countUnsent(context);
    waits.push(...(await measureWaits(context, enqueued)));
    await context.finish();
    await worker.stop();
  });
  const sorted = waits.toSorted((a, b) => a - b);
  return [
    faultMetric(
      `${what}: p95 from sign-up to accepted`,
      (sorted[Math.ceil(sorted.length * 0.95) - 1] ?? Number.NaN) / 1000,
      's',
      { max: 5 },
      `slowest ${((sorted.at(-1) ?? Number.NaN) / 1000).toFixed(1)} s; ${meanwhile} of the digest were not yet sent when the last was enqueued`,
    ),
    faultMetric(`${what}: mailed`, waits.length, 'readers', { min: SIGN_UP_COUNT }),
    ...toMetrics(
      `digest beside ${SIGN_UP_COUNT} confirmations`,
      result,
      { missed: 0, doubled: 0, uncertain: 0 },
      { invalid: meanwhile === 0 ? 'the digest was sent before the last sign-up' : undefined },
    ),
  ];
}

async function signUpAll({ db, fixture }: FaultContext): Promise<Map<string, number>> {
  const enqueued = new Map<string, number>();
  const context = { db, now: () => new Date() };
  for (let number = 1; number <= SIGN_UP_COUNT; number += 1) {
    const email = `newcomer-${number}@mail-${number}.example`;
    await recordTrustedRequest(context, toSignUp(fixture.publicationId, email));
    enqueued.set(email, Date.now());
    await sleep(SIGN_UP_INTERVAL_MS);
  }
  return enqueued;
}

function toSignUp(publicationId: string, email: string): Parameters<typeof recordTrustedRequest>[1] {
  return { publicationId, email, locale: null, timezone: null, cadence: null, topics: [], source: null };
}

async function countUnsent({ fixture, sink }: FaultContext): Promise<number> {
  return Math.max(0, fixture.readers - (await sink.messages()));
}

/** From the sign-up to the moment the sink took it, in milliseconds. */
async function measureWaits(
  { sink }: FaultContext,
  enqueued: ReadonlyMap<string, number>,
): Promise<number[]> {
  for (const end = Date.now() + 30_000; ; await sleep(500)) {
    const received = await sink.recipients();
    const waits = [...enqueued].flatMap(([email, at]) => {
      const found = received.get(email);
      return found === undefined ? [] : [found.lastAt - at];
    });
    if (waits.length === enqueued.size || Date.now() > end) return waits;
  }
}
