import { setTimeout as sleep } from 'node:timers/promises';
import type { Bench } from '../bench.js';
import type { Fixture } from '../seed/fixture.js';
import type { Metric } from '../support/metrics.js';
import { runCommand } from '../support/processes.js';
import { restoreDatabase, withDatabase } from '../support/servers.js';
import { copyWhileSending, sendAnother, sendMoreAndRestore, type Survivor } from './database-copies.js';
import { waitUntilFinished } from './finish.js';
import { checkLedger, type LedgerCheck } from './ledger-check.js';
import { faultMetric } from './metrics.js';
import { readReceived } from './received.js';
import { countFaultReaders, withFaultServers, type FaultServers } from './scenario.js';
import { waitUntil } from './wait-until.js';

const ALERT_TIMEOUT_MS = 150_000;

/** The database is copied while a digest is sent, mail goes on, and then the copy takes its place. */
export async function measureRestoredCopies(bench: Bench): Promise<Metric[]> {
  const fixture = await bench.fixture(countFaultReaders(bench));
  const all: Survivor[] =
    bench.servers.redis === undefined
      ? ['DATA_DIR', 'a running worker']
      : ['DATA_DIR', 'Redis', 'a running worker'];
  const metrics: Metric[] = [];
  for (const survivor of bench.options.quick ? all.slice(0, 1) : all)
    metrics.push(...(await measureSkip(bench, fixture, survivor)));
  return [...metrics, ...(await measureSend(bench, fixture))];
}

function withCopy<Result>(
  bench: Bench,
  { template, readers }: Fixture,
  work: (servers: FaultServers, copy: string) => Promise<Result>,
): Promise<Result> {
  const where = { template, policy: 'hold' as const, seconds: 20, mails: readers };
  return withFaultServers(bench, where, (servers) => work(servers, `${servers.settings.database}_copy`));
}

async function measureSkip(bench: Bench, fixture: Fixture, survivor: Survivor): Promise<Metric[]> {
  const what = `an older copy, noticed by ${survivor}, after-restore skip`;
  const holdMs = bench.options.quick ? 20_000 : 75_000;
  const found = await withCopy(bench, fixture, async (servers, copy) => {
    await copyWhileSending(servers, fixture, copy);
    const worker = await sendMoreAndRestore(servers, fixture, { copy, survivor });
    const mailsBefore = (await readReceived(servers)).mails;
    await sleep(holdMs);
    const isTold = await waitUntil(async () => (await readReceived(servers)).alerts > 0, ALERT_TIMEOUT_MS);
    const held = describeHeld(servers);
    runCommand(bench.servers, servers.settings, ['after-restore', 'skip']);
    await sleep(holdMs / 2);
    const mails = (await readReceived(servers)).mails - mailsBefore;
    const { missed, doubled } = await sendAnother(servers, fixture);
    await worker.stop();
    return { mails, isTold, held, missed, doubled };
  });
  const { mails, isTold, held, missed, doubled } = found;
  const note = `held as "${held.reason}": ${held.deliveries} planned mails; what was due was skipped`;
  return [
    faultMetric(`${what}: mailed by itself or by the skip`, mails, 'mails', { max: 0 }, note),
    faultMetric(`${what}: planned mails held`, held.deliveries, 'mails', { min: 1 }),
    faultMetric(`${what}: owner told`, isTold ? 1 : 0, 'owners', { min: 1 }),
    faultMetric(`${what}: doubled`, doubled, 'readers', { max: 0 }),
    faultMetric(`${what}: missed by the next digest`, missed, 'readers', { max: 0 }),
  ];
}

/** Nothing was mailed since the copy was made, and the operator says so. */
async function measureSend(bench: Bench, fixture: Fixture): Promise<Metric[]> {
  const what = 'an older copy, start --after-restore, after-restore send';
  let mails = Number.NaN;
  const check = await withCopy(bench, fixture, async (servers, copy): Promise<LedgerCheck> => {
    const { settings } = servers;
    await copyWhileSending(servers, fixture, copy);
    await restoreDatabase(bench.servers, settings.database, copy);
    const mailsBefore = (await readReceived(servers)).mails;
    const worker = servers.startWorker('', { words: ['--after-restore'] });
    await waitUntil(async () => (await readReceived(servers)).alerts > 0, ALERT_TIMEOUT_MS);
    mails = (await readReceived(servers)).mails - mailsBefore;
    runCommand(bench.servers, settings, ['after-restore', 'send']);
    return withDatabase(bench.servers, settings.database, async (db) => {
      await waitUntilFinished(db, fixture.publicationId);
      await worker.stop();
      return checkLedger(db, fixture.publicationId, (await readReceived(servers)).readers);
    });
  });
  const note = `${check.uncertain} were uncertain when its worker was killed, uncertain=hold`;
  return [
    faultMetric(`${what}: mailed by itself`, mails, 'mails', { max: 0 }, note),
    faultMetric(`${what}: missed`, check.missed + check.lost, 'readers', { max: 0 }),
    faultMetric(`${what}: doubled`, check.doubled, 'readers', { max: 0 }),
    faultMetric(`${what}: neither accepted nor uncertain`, check.unrecorded, 'readers', { max: 0 }),
  ];
}

type Held = { reason: string; deliveries: number };

/** What `after-restore show` says. */
function describeHeld({ bench, settings }: FaultServers): Held {
  const held = JSON.parse(
    runCommand(bench.servers, settings, ['after-restore', 'show', '--json']),
  ) as Held | null;
  return held ?? { reason: 'nothing is held', deliveries: 0 };
}
