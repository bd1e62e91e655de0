import { setTimeout as sleep } from 'node:timers/promises';
import { signUp } from '../src/subscribers/sign-up.js';
import type { Bench } from './bench.js';
import { figure, figuresOf } from './fault-figures.js';
import { onGround, taken, type Ground } from './fault-ground.js';
import type { Figure } from './figures.js';

const SIGN_UPS = 50;
const EVERY_MS = 150;

/** People sign up while a digest is sent as fast as it goes; how long until they are asked to confirm? */
export async function noticesMeanwhile(bench: Bench): Promise<Figure[]> {
  const what = `${SIGN_UPS} confirmations while a digest is sent`;
  const waits: number[] = [];
  let meanwhile = 0;
  const aftermath = await onGround(bench, { seconds: 12 }, async (ground) => {
    const worker = ground.work();
    await taken(ground, 100, 0);
    const promised = await promiseAll(ground);
    meanwhile = await unsent(ground);
    waits.push(...(await waitsFor(ground, promised)));
    await ground.finish();
    await worker.end();
  });
  const sorted = waits.toSorted((a, b) => a - b);
  return [
    figure(
      `${what}: p95 from promise to accepted`,
      (sorted[Math.ceil(sorted.length * 0.95) - 1] ?? Number.NaN) / 1000,
      's',
      { most: 5 },
      `slowest ${((sorted.at(-1) ?? Number.NaN) / 1000).toFixed(1)} s; ${meanwhile} of the digest were not yet sent when the last was promised`,
    ),
    figure(`${what}: mailed`, waits.length, 'readers', { least: SIGN_UPS }),
    ...figuresOf(
      `digest beside ${SIGN_UPS} confirmations`,
      aftermath,
      { missed: 0, doubled: 0, uncertain: 0 },
      { void: meanwhile === 0 ? 'the digest was sent before the last sign-up' : undefined },
    ),
  ];
}

async function promiseAll({ db, stage }: Ground): Promise<Map<string, number>> {
  const promised = new Map<string, number>();
  const context = { db, now: () => new Date() };
  for (let number = 1; number <= SIGN_UPS; number += 1) {
    const email = `newcomer-${number}@mail-${number}.example`;
    await signUp(context, newcomer(stage.publicationId, email));
    promised.set(email, Date.now());
    await sleep(EVERY_MS);
  }
  return promised;
}

function newcomer(publicationId: string, email: string): Parameters<typeof signUp>[1] {
  return { publicationId, email, locale: null, timezone: null, cadence: null, topics: [], source: null };
}

async function unsent({ stage, sink }: Ground): Promise<number> {
  return Math.max(0, stage.readers - (await sink.messages()));
}

/** From the promise to the moment the sink took it, in milliseconds. */
async function waitsFor({ sink }: Ground, promised: ReadonlyMap<string, number>): Promise<number[]> {
  for (const end = Date.now() + 30_000; ; await sleep(500)) {
    const received = await sink.recipients();
    const waits = [...promised].flatMap(([email, at]) => {
      const found = received.get(email);
      return found === undefined ? [] : [found.lastAt - at];
    });
    if (waits.length === promised.size || Date.now() > end) return waits;
  }
}
