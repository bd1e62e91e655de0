import type { Db } from '../../src/platform/db/database.js';
import { migrate } from '../../src/platform/db/migrate.js';
import type { Bench } from '../bench.js';
import { reloadPublication, seedArticles, seedPublication } from '../seed/articles.js';
import { seedOwner } from '../seed/owner.js';
import { seedReaders } from '../seed/readers.js';
import { runCommand } from '../support/processes.js';
import { createDatabase, dropDatabase, withDatabase } from '../support/servers.js';
import type { Metric } from '../support/metrics.js';
import { faultMetric } from './metrics.js';
import { listReaders, POISONED, poisonRows } from './poison.js';
import { readReceived } from './received.js';
import { countFaultReaders, withFaultServers, type FaultServers } from './scenario.js';
import { waitUntil } from './wait-until.js';

const TEMPLATE = 'poisoned';
const ALERT_TIMEOUT_MS = 150_000;

/** What was found, and whether mending it helped. */
type Found = {
  missed: number;
  doubled: number;
  listed: number;
  alerts: number;
  mended: number;
  left: number;
};

/**
 * Three newsletters whose readers are all due, with one row each that cannot be processed: a subscription that cannot be
 * planned, an address that cannot stand in a mail, an article that cannot be released.
 */
export async function measurePoisonedRows(bench: Bench): Promise<Metric[]> {
  const readers = countFaultReaders(bench);
  const each = Math.ceil(readers / POISONED.length);
  await seedDueNewsletters(bench, each);
  const where = { template: TEMPLATE, policy: 'hold' as const, seconds: 20, mails: readers };
  const found = await withFaultServers(bench, where, (servers) =>
    withDatabase(bench.servers, servers.settings.database, (db) => sendBesidePoison(servers, db)),
  );
  await dropDatabase(bench.servers, TEMPLATE);
  const what = `one poisoned row in each of ${POISONED.length} newsletters`;
  return [
    faultMetric(`${what}: missed`, found.missed, 'readers', { max: 0 }, `${each} readers of each were due`),
    faultMetric(`${what}: doubled`, found.doubled, 'readers', { max: 0 }),
    faultMetric(`${what}: listed`, found.listed, 'rows', { min: POISONED.length }),
    faultMetric(`${what}: alerts mailed`, found.alerts, 'mails', { min: POISONED.length }),
    faultMetric(`${what}: mended and tried again, went through`, found.mended, 'rows', {
      min: POISONED.length,
    }),
    faultMetric(`${what}: listed after that`, found.left, 'rows', { max: 0 }),
  ];
}

async function seedDueNewsletters({ servers }: Bench, readers: number): Promise<void> {
  await createDatabase(servers, TEMPLATE);
  await migrate(servers.urlOf(TEMPLATE));
  await withDatabase(servers, TEMPLATE, async (db) => {
    const context = { db, now: () => new Date() };
    await seedOwner(db);
    for (const slug of POISONED) {
      const publication = await seedPublication(context, slug);
      await seedReaders(db, publication, { readers, due: 'due', now: new Date() });
      await seedArticles(context, await reloadPublication(context, publication.id));
    }
  });
}

async function sendBesidePoison(servers: FaultServers, db: Db): Promise<Found> {
  const everybody = await listReaders(db);
  const poison = await poisonRows(db);
  const worker = servers.startWorker();
  const others = everybody.filter((email) => !poison.readers.includes(email));
  await waitUntil(async () => {
    const { readers, alerts } = await readReceived(servers);
    return others.every((email) => readers.has(email)) && alerts >= POISONED.length;
  }, ALERT_TIMEOUT_MS);
  const mailed = (await readReceived(servers)).readers;
  const listed = POISONED.reduce((sum, slug) => sum + listFailed(servers, slug), 0);
  await poison.mend();
  tryAgain(servers, await poison.findDigest());
  await waitUntil(
    async () => (await poison.countMended((await readReceived(servers)).readers)) === POISONED.length,
  );
  const { readers, alerts } = await readReceived(servers);
  const mended = await poison.countMended(readers);
  await worker.stop();
  return {
    missed: others.filter((email) => !mailed.has(email)).length,
    doubled: everybody.filter((email) => (readers.get(email)?.count ?? 0) > 1).length,
    ...{ listed, mended, alerts },
    left: POISONED.reduce((sum, slug) => sum + listFailed(servers, slug), 0),
  };
}

/** How many rows the command line lists. */
function listFailed({ bench, settings }: FaultServers, slug: string): number {
  const words = ['failed', 'list', '--publication', slug, '--json'];
  return (JSON.parse(runCommand(bench.servers, settings, words)) as unknown[]).length;
}

function tryAgain({ bench, settings }: FaultServers, digestId: string): void {
  for (const slug of POISONED)
    runCommand(bench.servers, settings, ['failed', 'retry', '--publication', slug]);
  runCommand(bench.servers, settings, ['digest', 'retry', digestId]);
}
