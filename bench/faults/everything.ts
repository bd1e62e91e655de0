import { setTimeout as sleep } from 'node:timers/promises';
import type { Db } from '../../src/platform/db/database.js';
import { SECOND_MS } from '../../src/platform/durations.js';
import type { Bench } from '../bench.js';
import { seedIdleNewsletter } from '../seed/newsletter.js';
import { createOrderingProgram } from '../support/api-orders.js';
import { countStates } from '../support/ledger.js';
import type { Metric } from '../support/metrics.js';
import { runCommand } from '../support/processes.js';
import { dropDatabase, withDatabase } from '../support/servers.js';
import { causeEverything, startMachines, type EventCounts } from './everything-at-once.js';
import { waitUntilFinished } from './finish.js';
import { watchLedger, type LedgerSamples } from './ledger-watch.js';
import { faultMetric, MAX_SILENCE_SECONDS } from './metrics.js';
import { checkOrders, type OrderCheck } from './ordered-digests.js';
import { firstReader } from './poison.js';
import { readReceived } from './received.js';
import { CONNECTIONS, withFaultServers, type FaultServers } from './scenario.js';
import { FAULTS_BEFORE_BODY } from './smtp-replies.js';
import { waitUntil } from './wait-until.js';
import { poisonRow } from '../support/poison-row.js';

const TEMPLATE = 'everything';
const DEFAULT_READERS = 2_000;
/** A digest is ordered as often, and one worker alone would just manage them without faults. */
const ORDER_INTERVAL_MS = 20 * SECOND_MS;

type Found = {
  orders: number;
  events: EventCounts;
  check: OrderCheck;
  seen: LedgerSamples;
  listed: number;
  alerts: number;
};

/**
 * A program orders digests to everybody through the API, while the worker of either of two machines, the web process, Postgres
 * and Redis are killed, the clock of either machine is stepped, a quarter of all attempts to hand over a mail fails, and one
 * reader cannot be planned.
 */
export async function measureEverything(bench: Bench): Promise<Metric[]> {
  const { minutes } = bench.options;
  const readers = bench.options.readers ?? DEFAULT_READERS;
  const publicationId = await seedIdleNewsletter(bench.servers, TEMPLATE, readers);
  const seconds = ORDER_INTERVAL_MS / SECOND_MS;
  const where = { template: TEMPLATE, policy: 'hold' as const, seconds, mails: readers };
  const found = await withFaultServers(bench, where, (servers) =>
    withDatabase(bench.servers, servers.settings.database, (db) =>
      orderMeanwhile(servers, db, { publicationId, readers, minutes }),
    ),
  );
  await dropDatabase(bench.servers, TEMPLATE);
  return toMetrics(`everything at once for ${minutes} min`, found, readers);
}

function toMetrics(what: string, found: Found, readers: number): Metric[] {
  const { orders, events, check, seen, listed, alerts } = found;
  const list = [...events].map(([name, count]) => `${name} ${count} times`);
  const missing = [...events.values()].includes(0);
  const wrong = missing ? ['something did not happen at all', ...seen.violations] : seen.violations;
  const note = `${orders} digests to ${readers} readers, uncertain=hold; ${list.join(', ')}; ledger sampled ${seen.samples} times`;
  const figures = [
    faultMetric(`${what}: missed`, check.missed, 'mails', { max: 0 }, note),
    faultMetric(`${what}: doubled`, check.doubled, 'mails', { max: 0 }),
    faultMetric(`${what}: digests beyond those ordered`, check.digests - orders, 'digests', { max: 0 }),
    faultMetric(`${what}: uncertain`, check.uncertain, 'mails', {
      max: CONNECTIONS * (events.get('worker killed') ?? 0),
    }),
    faultMetric(
      `${what}: at the mail server, and neither accepted nor uncertain`,
      check.unrecorded,
      'mails',
      {
        max: 0,
      },
    ),
    faultMetric(`${what}: longest silence while mail is due`, seen.silenceSeconds, 's', {
      max: MAX_SILENCE_SECONDS,
    }),
    faultMetric(`${what}: poisoned rows listed`, listed, 'rows', { min: 1 }),
    faultMetric(`${what}: alerts mailed`, alerts, 'mails', { min: 1 }),
  ];
  return wrong.length === 0 ? figures : figures.map((one) => ({ ...one, invalid: wrong.join('; ') }));
}

async function orderMeanwhile(
  servers: FaultServers,
  db: Db,
  { publicationId, readers, minutes }: { publicationId: string; readers: number; minutes: number },
): Promise<Found> {
  const { bench, settings, sink } = servers;
  const poisoned = await firstReader(db, 'post');
  await poisonRow(db, 'deliveries', poisoned.id, { column: 'subscription_id' });
  await sink.setFaults(FAULTS_BEFORE_BODY);
  const machines = await startMachines(servers);
  const program = createOrderingProgram(bench.servers, settings, machines.port);
  const watch = watchLedger(bench.servers.urlOf(settings.database), { publicationId }, sink);
  const over = AbortSignal.timeout(minutes * 60 * SECOND_MS);
  let orders = 0;
  const order = async () => {
    for (; !over.aborted; await sleep(ORDER_INTERVAL_MS, undefined, { signal: over }).catch(() => {}))
      await program.order(`order-${(orders += 1)}`);
  };
  try {
    const [events] = await Promise.all([causeEverything(bench, machines, over), order()]);
    bench.log('faults: all is well again, and what is left is sent');
    await sink.setFaults([]);
    const expected = orders * (readers - 1);
    await waitUntil(async () => (await countStates(db, publicationId)).planned >= expected);
    await waitUntilFinished(db, publicationId);
    const { alerts } = await readReceived(servers);
    const listed = JSON.parse(
      runCommand(bench.servers, settings, ['failed', 'list', '--publication', 'post', '--json']),
    ) as unknown[];
    const check = await checkOrders(db, publicationId, await sink.mails(), expected);
    return { orders, events, check, seen: watch.seen, listed: listed.length, alerts };
  } finally {
    await watch.stop();
    await machines.stop();
  }
}
