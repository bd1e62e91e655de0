import { findFreePort } from '../../src/platform/process/free-port.js';
import type { Bench } from '../bench.js';
import { seedIdleNewsletter } from '../seed/newsletter.js';
import { announcement, createApiProgram } from '../support/api-program.js';
import { countStates } from '../support/ledger.js';
import type { Metric } from '../support/metrics.js';
import { openPostgresProxy, type PostgresProxy } from '../support/postgres-proxy.js';
import { waitForWeb, type BenchProcess } from '../support/processes.js';
import { dropDatabase, withDatabase } from '../support/servers.js';
import { waitUntilFinished } from './finish.js';
import { faultMetric } from './metrics.js';
import { checkOrders, type OrderCheck } from './ordered-digests.js';
import { withFaultServers, type FaultServers } from './scenario.js';
import { waitUntil } from './wait-until.js';

const TEMPLATE = 'orders';
const MAX_READERS = 500;

/** Where the connection of the web process to Postgres breaks, and whether it is killed in that moment. */
const BREAKS = [
  { when: 'before', isKilled: false },
  { when: 'after', isKilled: false },
  { when: 'before', isKilled: true },
  { when: 'after', isKilled: true },
] as const;
const ORDERS_OF_EACH_KIND = 5;

/**
 * A program orders digests with an Idempotency-Key. At the commit of each order the connection to the database breaks, or the
 * web process is killed too, and the program tries again with the same key.
 */
export async function measureRepeatedOrders(bench: Bench): Promise<Metric[]> {
  const readers = Math.min(bench.options.readers ?? MAX_READERS, MAX_READERS);
  const publicationId = await seedIdleNewsletter(bench.servers, TEMPLATE, readers);
  const orders = BREAKS.length * (bench.options.quick ? 1 : ORDERS_OF_EACH_KIND);
  const where = { template: TEMPLATE, policy: 'hold' as const, seconds: 1, mails: readers };
  let failures = 0;
  const check = await withFaultServers(bench, where, async (servers) => {
    const worker = servers.startWorker();
    failures = await orderRepeatedly(servers, orders);
    return withDatabase(bench.servers, servers.settings.database, async (db): Promise<OrderCheck> => {
      await waitUntil(async () => (await countStates(db, publicationId)).planned >= orders * readers);
      await waitUntilFinished(db, publicationId);
      await worker.stop();
      return checkOrders(db, publicationId, await servers.sink.mails(), orders * readers);
    });
  });
  await dropDatabase(bench.servers, TEMPLATE);
  const what = `POST /digests x ${orders}, the commit cut off or the web process killed`;
  const note = `${readers} readers; before the commit and after it, in turn`;
  return [
    faultMetric(`${what}: digests`, check.digests, 'digests', { max: orders }, note),
    faultMetric(`${what}: missed`, check.missed, 'mails', { max: 0 }),
    faultMetric(`${what}: doubled`, check.doubled, 'mails', { max: 0 }),
    faultMetric(`${what}: uncertain`, check.uncertain, 'mails', { max: 0 }),
    faultMetric(`${what}: orders that were tried again`, failures, 'orders', { min: orders }),
  ];
}

/** Returns how many orders had to be tried again. */
async function orderRepeatedly(servers: FaultServers, orders: number): Promise<number> {
  const { bench, settings } = servers;
  const proxy = await openPostgresProxy(bench.servers.urlOf(settings.database));
  const port = await findFreePort();
  const start = async () => {
    const web = servers.startWeb({ environment: { PORT: String(port), DATABASE_URL: proxy.url } });
    await waitForWeb(port);
    return web;
  };
  try {
    let web = await start();
    const program = createApiProgram(bench.servers, settings, port);
    let repeated = 0;
    for (let number = 0; number < orders; number += 1) {
      const broken = breakNextCommit(proxy, web, BREAKS[number % BREAKS.length] ?? BREAKS[0]);
      const key = `order-${number}`;
      const ordered = program.post('/digests', key, announcement(key));
      if (await broken) web = await start();
      if ((await ordered) > 0) repeated += 1;
    }
    await web.stop();
    return repeated;
  } finally {
    proxy.close();
  }
}

/** Resolves when it has happened, to whether the process was killed. */
function breakNextCommit(
  proxy: PostgresProxy,
  web: BenchProcess,
  { when, isKilled }: (typeof BREAKS)[number],
): Promise<boolean> {
  return new Promise((resolve) =>
    proxy.breakAt((statement) => {
      if (!statement.includes('commit\0')) return false;
      proxy.breakAt(undefined);
      if (isKilled) void web.stop('SIGKILL').then(() => resolve(true));
      else resolve(false);
      return true;
    }, when),
  );
}
