import { setTimeout as sleep } from 'node:timers/promises';
import { MAX_RESENDS } from '../../src/deliveries/delivery.js';
import { sql } from '../../src/platform/db/sql.js';
import type { Bench } from '../bench.js';
import { faultMetric, toMetrics } from './metrics.js';
import { runScenario, type FaultContext, type FaultResult } from './scenario.js';
import type { Metric } from '../support/metrics.js';
import type { Faults, SmtpStage } from '../support/sink/faults.js';
import { runCommand } from '../support/processes.js';

/** Together they fail 24 in a hundred attempts, each in a way that proves to the sender that nothing was taken. */
export const FAULTS_BEFORE_BODY: Faults = [
  { stage: 'mail', share: 0.045, reply: '451 4.3.0 Try again later' },
  { stage: 'rcpt', share: 0.045, reply: '450 4.2.1 Mailbox busy' },
  { stage: 'rcpt', share: 0.04 },
  { stage: 'data', share: 0.045, reply: '451 4.3.2 Not now' },
  { stage: 'data', share: 0.04 },
  { stage: 'dot', share: 0.045, reply: '452 4.3.1 Disk full' },
];

/**
 * Connections that break while the body is read: the server has taken nothing. Where the final dot was on its way by then the
 * sender cannot tell that from a reply that got lost, so the mail is rightly uncertain. What counts is that all such are listed.
 */
const DROPS_IN_BODY: Faults = [{ stage: 'body', share: 0.1 }];

export async function measureFailedAttempts(bench: Bench): Promise<Metric[]> {
  const what = '24 % 4xx and drops before the body';
  const { result, share } = await sendWithFaults(bench, FAULTS_BEFORE_BODY, 'hold');
  const note = 'uncertain=hold; waits of a minute and more were skipped';
  return [
    ...toMetrics(what, result, { missed: 0, doubled: 0, uncertain: 0 }, { note }),
    faultMetric(`${what}: attempts that failed`, share, '%', { min: 20 }),
  ];
}

export async function measureDropsInBody(bench: Bench): Promise<Metric[]> {
  const what = '10 % drops in the body';
  const held = await sendWithFaults(bench, DROPS_IN_BODY, 'hold');
  const resent = await sendWithFaults(bench, DROPS_IN_BODY, 'resend');
  const note = 'waits of a minute and more were skipped';
  return [
    ...toMetrics(`${what}, uncertain=hold`, held.result, { missed: 0, doubled: 0 }, { note }),
    faultMetric(`${what}, uncertain=hold: attempts that failed`, held.share, '%', { min: 3 }),
    ...toMetrics(`${what}, uncertain=resend`, resent.result, { missed: 0, doubled: 0 }, { note }),
    faultMetric(`${what}, uncertain=resend: attempts that failed`, resent.share, '%', { min: 3 }),
    faultMetric(
      `${what}, uncertain=resend: uncertain and not sent again ${MAX_RESENDS} times`,
      resent.result.unfinished,
      'readers',
      { max: 0 },
    ),
  ];
}

/** `share`: of all attempts, how many in a hundred failed. */
async function sendWithFaults(
  bench: Bench,
  faults: Faults,
  policy: 'hold' | 'resend',
): Promise<{ result: FaultResult; share: number }> {
  let share = 0;
  const result = await runScenario(bench, { policy, seconds: 10 }, async (context) => {
    await context.sink.setFaults(faults);
    const worker = context.startWorker();
    await context.finish({ resend: policy === 'resend' });
    await worker.stop();
    const count = await context.sink.count();
    share = (count.faults / (count.faults + count.messages)) * 100;
  });
  return { result, share };
}

/** The server refuses every mail because of the sender, not of the readers: the digest has to pause. */
export async function measureRefusals(bench: Bench): Promise<Metric[]> {
  return [...(await measureRefusalAt(bench, 'rcpt')), ...(await measureRefusalAt(bench, 'dot'))];
}

async function measureRefusalAt(bench: Bench, stage: SmtpStage): Promise<Metric[]> {
  const what = `554 5.7.1 to everybody at ${stage}`;
  const found = { attempts: 0, suppressed: 0, rejected: 0 };
  const result = await runScenario(bench, { seconds: 10 }, async (context) => {
    const { sink, db } = context;
    await sink.setFaults([{ stage, share: 1, reply: '554 5.7.1 Service refused: your host is on our list' }]);
    const worker = context.startWorker();
    const digestId = await waitUntilPaused(context);
    await sleep(3_000);
    const { faults } = await sink.count();
    const { suppressed, rejected } = await db.one<{ suppressed: number; rejected: number }>(sql`
      select (select count(*) from suppressions) as suppressed,
             (select count(*) from deliveries where state = 'rejected') as rejected
    `);
    Object.assign(found, { attempts: faults, suppressed, rejected });
    await sink.setFaults([]);
    runCommand(bench.servers, context.settings, ['digest', 'resume', digestId]);
    await context.finish();
    await worker.stop();
  });
  return [
    faultMetric(`${what}: attempts until it was paused`, found.attempts, 'attempts', { max: 50 }),
    faultMetric(`${what}: suppressed`, found.suppressed, 'readers', { max: 0 }),
    faultMetric(`${what}: rejected`, found.rejected + result.rejected, 'readers', { max: 0 }),
    ...toMetrics(
      `${what}, resumed`,
      result,
      { missed: 0, doubled: 0, uncertain: 0 },
      { note: 'resumed with digest resume after the sink took mail again' },
    ),
  ];
}

async function waitUntilPaused({ db, fixture }: FaultContext): Promise<string> {
  for (const end = Date.now() + 60_000; Date.now() < end; await sleep(100)) {
    const paused = await db.maybe<{ id: string }>(sql`
      select id from digests where publication_id = ${fixture.publicationId} and state = 'paused'
    `);
    if (paused !== undefined) return paused.id;
  }
  throw new Error('The digest was not paused within a minute.');
}
