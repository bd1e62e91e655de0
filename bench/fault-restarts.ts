import type { Bench } from './bench.js';
import { figure, figuresOf } from './fault-figures.js';
import { moment, onGround, taken } from './fault-ground.js';
import type { Figure } from './figures.js';
import { countStates } from './ledger.js';

const RESTARTS = 10;

/** As a new version is rolled out, ten times in a row. */
export async function rollingRestarts(bench: Bench): Promise<Figure[]> {
  const what = `SIGTERM x ${RESTARTS}`;
  const ends: { code: number | undefined; seconds: number; left: number }[] = [];
  const aftermath = await onGround(bench, { policy: 'hold', seconds: 30 }, async (ground) => {
    let worker = ground.work();
    let messages = 0;
    for (let number = 1; number <= RESTARTS; number += 1) {
      messages = await taken(ground, 50, messages);
      await moment(200, 1_200);
      const begun = performance.now();
      const code = await worker.end('SIGTERM');
      const { sending = 0, uncertain = 0 } = await countStates(ground.db, ground.stage.publicationId);
      ends.push({ code, seconds: (performance.now() - begun) / 1000, left: sending + uncertain });
      messages = await ground.sink.messages();
      worker = ground.work();
    }
    await ground.finish();
    await worker.end();
  });
  const bad = ends.filter(({ code }) => code !== 0).length;
  return [
    ...figuresOf(what, aftermath, { missed: 0, doubled: 0, uncertain: 0, stallSeconds: 30 }),
    figure(`${what}: longest exit`, Math.max(...ends.map(({ seconds }) => seconds)), 's', { most: 30 }),
    figure(`${what}: exits that were not clean`, bad, 'exits', { most: 0 }),
    figure(
      `${what}: left sending or uncertain`,
      ends.reduce((sum, { left }) => sum + left, 0),
      'readers',
      { most: 0 },
    ),
  ];
}
