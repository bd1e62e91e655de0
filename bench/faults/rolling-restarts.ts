import type { Bench } from '../bench.js';
import { faultMetric, toMetrics } from './metrics.js';
import { sleepRandomly, runScenario, waitForMessages } from './scenario.js';
import type { Metric } from '../support/metrics.js';
import { countStates } from '../support/ledger.js';

const RESTART_COUNT = 10;

/** As a new version is rolled out, ten times in a row. */
export async function measureRollingRestarts(bench: Bench): Promise<Metric[]> {
  const what = `SIGTERM x ${RESTART_COUNT}`;
  const ends: { code: number | undefined; seconds: number; left: number }[] = [];
  const result = await runScenario(bench, { policy: 'hold', seconds: 30 }, async (context) => {
    let worker = context.startWorker();
    let messages = 0;
    for (let number = 1; number <= RESTART_COUNT; number += 1) {
      messages = await waitForMessages(context, 50, messages);
      await sleepRandomly(200, 1_200);
      const begun = performance.now();
      const code = await worker.stop('SIGTERM');
      const { sending = 0, uncertain = 0 } = await countStates(context.db, context.fixture.publicationId);
      ends.push({ code, seconds: (performance.now() - begun) / 1000, left: sending + uncertain });
      messages = await context.sink.messages();
      worker = context.startWorker();
    }
    await context.finish();
    await worker.stop();
  });
  const bad = ends.filter(({ code }) => code !== 0).length;
  return [
    ...toMetrics(what, result, { missed: 0, doubled: 0, uncertain: 0 }),
    faultMetric(`${what}: longest exit`, Math.max(...ends.map(({ seconds }) => seconds)), 's', { max: 30 }),
    faultMetric(`${what}: exits that were not clean`, bad, 'exits', { max: 0 }),
    faultMetric(
      `${what}: left sending or uncertain`,
      ends.reduce((sum, { left }) => sum + left, 0),
      'readers',
      { max: 0 },
    ),
  ];
}
