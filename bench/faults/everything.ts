import type { Db } from '../../src/platform/db/database.js';
import { SECOND_MS } from '../../src/platform/durations.js';
import type { Bench } from '../bench.js';
import { seedIdleNewsletter } from '../seed/newsletter.js';
import { createApiProgram } from '../support/api-program.js';
import { countStates } from '../support/ledger.js';
import type { Metric } from '../support/metrics.js';
import { poisonRow } from '../support/poison-row.js';
import { runCommand } from '../support/processes.js';
import { dropDatabase, withDatabase } from '../support/servers.js';
import { causeEverything, startMachines, type EventCounts } from './everything-at-once.js';
import { waitUntilFinished } from './finish.js';
import { watchLedger, type LedgerSamples } from './ledger-watch.js';
import { faultMetric, MAX_SILENCE_SECONDS } from './metrics.js';
import { checkNewcomers, finishNotices, type NewcomerCheck } from './newcomers.js';
import { orderAndSignUp } from './order-and-sign-up.js';
import { checkOrders, type OrderCheck } from './ordered-digests.js';
import { firstReader } from './poison.js';
import { readReceived } from './received.js';
import { CONNECTIONS, withFaultServers, type FaultServers } from './scenario.js';
import { FAULTS_BEFORE_BODY } from './smtp-replies.js';
import { waitUntil } from './wait-until.js';

const TEMPLATE = 'everything';
const DEFAULT_READERS = 1_500;
/** How long one worker takes for one digest, without faults. */
const DIGEST_SECONDS = 30;
const FINISH_TIMEOUT_MS = 300_000;

type Setting = { publicationId: string; readers: number; minutes: number };

type Found = {
  orders: number;
  newcomers: number;
  events: EventCounts;
  check: OrderCheck;
  confirmations: NewcomerCheck;
  /** Of all attempts to hand over a mail, how many in a hundred failed. */
  failedShare: number;
  seen: LedgerSamples;
  listed: number;
  alerts: number;
};

/**
 * A program orders digests to everybody and signs people up through the API, while the worker of either of two machines, the web
 * process, Postgres and Redis are killed, the clock of either machine is stepped, a quarter of all attempts to hand over a mail
 * fails, and one reader cannot be planned.
 */
export async function measureEverything(bench: Bench): Promise<Metric[]> {
  const { minutes } = bench.options;
  const readers = bench.options.readers ?? DEFAULT_READERS;
  const publicationId = await seedIdleNewsletter(bench.servers, TEMPLATE, readers);
  const where = {
    ...{ template: TEMPLATE, policy: 'hold' as const },
    ...{ seconds: DIGEST_SECONDS, mails: readers },
  };
  const found = await withFaultServers(bench, where, (servers) =>
    withDatabase(bench.servers, servers.settings.database, (db) =>
      sendMeanwhile(servers, db, { publicationId, readers, minutes }),
    ),
  );
  await dropDatabase(bench.servers, TEMPLATE);
  return toMetrics(`everything at once for ${minutes} min`, found, readers);
}

async function sendMeanwhile(
  servers: FaultServers,
  db: Db,
  { publicationId, readers, minutes }: Setting,
): Promise<Found> {
  const { bench, settings, sink } = servers;
  const poisoned = await firstReader(db, 'post');
  await poisonRow(db, 'deliveries', poisoned.id, { column: 'subscription_id' });
  await sink.setFaults(FAULTS_BEFORE_BODY);
  const machines = await startMachines(servers);
  const program = createApiProgram(bench.servers, settings, machines.port);
  const watch = watchLedger(bench.servers.urlOf(settings.database), { publicationId }, sink);
  const over = AbortSignal.timeout(minutes * 60 * SECOND_MS);
  try {
    const [events, { orders, newcomers }] = await Promise.all([
      causeEverything(bench, machines, over),
      orderAndSignUp(program, db, { readers, over }),
    ]);
    bench.log(`faults: all is well again, and what is left of ${orders} digests is sent`);
    const { faults, messages } = await sink.count();
    await sink.setFaults([], { finalDotMs: 0 });
    const expected = orders * (readers - 1);
    await waitUntil(async () => (await countStates(db, publicationId)).planned >= expected);
    await waitUntilFinished(db, publicationId, { timeoutMs: FINISH_TIMEOUT_MS });
    await finishNotices(db, newcomers);
    const received = await readReceived(servers);
    return {
      ...{ orders, newcomers: newcomers.length, events, seen: watch.seen, alerts: received.alerts },
      check: await checkOrders(db, publicationId, await sink.mails(), expected),
      confirmations: await checkNewcomers(db, newcomers, received.readers),
      failedShare: (faults / (faults + messages)) * 100,
      listed: countListed(servers),
    };
  } finally {
    await watch.stop();
    await machines.stop();
  }
}

function countListed({ bench, settings }: FaultServers): number {
  const words = ['failed', 'list', '--publication', 'post', '--json'];
  return (JSON.parse(runCommand(bench.servers, settings, words)) as unknown[]).length;
}

function toMetrics(what: string, found: Found, readers: number): Metric[] {
  const { orders, newcomers, events, check, confirmations, seen } = found;
  const list = [...events].map(([name, count]) => `${name} ${count} times`).join(', ');
  const note = `${orders} digests to ${readers} readers and ${newcomers} sign-ups, uncertain=hold; ${list}; ledger sampled ${seen.samples} times`;
  const isIdle = [...events.values()].includes(0) || orders === 0 || newcomers === 0;
  const wrong = isIdle ? ['something did not happen at all', ...seen.violations] : seen.violations;
  const none = { max: 0 };
  const doubt = { max: CONNECTIONS * (events.get('worker killed') ?? 0) };
  const figures = [
    faultMetric(`${what}: missed`, check.missed, 'mails', none, note),
    faultMetric(`${what}: doubled`, check.doubled, 'mails', none),
    faultMetric(`${what}: uncertain`, check.uncertain, 'mails', doubt),
    faultMetric(`${what}: arrived, and not in the ledger`, check.unrecorded, 'mails', none),
    faultMetric(`${what}: digests beyond those ordered`, check.digests - orders, 'digests', none),
    faultMetric(`${what}: confirmations missed`, confirmations.missed, 'mails', none),
    faultMetric(`${what}: confirmations doubled`, confirmations.doubled, 'mails', none),
    faultMetric(`${what}: confirmations uncertain`, confirmations.uncertain, 'mails', doubt),
    faultMetric(`${what}: attempts that failed`, found.failedShare, '%', { min: 20 }),
    faultMetric(`${what}: longest silence while mail is due`, seen.silenceSeconds, 's', {
      max: MAX_SILENCE_SECONDS,
    }),
    faultMetric(`${what}: poisoned rows listed`, found.listed, 'rows', { min: 1 }),
    faultMetric(`${what}: alerts mailed`, found.alerts, 'mails', { min: 1 }),
  ];
  return wrong.length === 0 ? figures : figures.map((one) => ({ ...one, invalid: wrong.join('; ') }));
}
