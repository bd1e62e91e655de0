import { setTimeout as sleep } from 'node:timers/promises';
import { ARTICLE_COUNT, reloadPublication, seedArticleForAll } from '../seed/articles.js';
import type { Fixture } from '../seed/fixture.js';
import { seedOwner } from '../seed/owner.js';
import { flushRedis } from '../support/flush-redis.js';
import { countStates, makeBatchesDue } from '../support/ledger.js';
import { runCommand, type BenchProcess } from '../support/processes.js';
import { copyDatabase, restoreDatabase, withDatabase } from '../support/servers.js';
import { waitUntilFinished } from './finish.js';
import { countDoubled, readReceived } from './received.js';
import { waitForMessages, type FaultServers } from './scenario.js';
import { waitUntil } from './wait-until.js';

/** By what it is noticed that the database is an older copy. */
export type Survivor = 'DATA_DIR' | 'Redis' | 'a running worker';

/** What was in flight when the database was replaced is over by then. */
const SETTLE_MS = 5_000;

/** A worker that sends is killed, and the database copied as it is then. */
export async function copyWhileSending(servers: FaultServers, fixture: Fixture, copy: string): Promise<void> {
  const { bench, settings } = servers;
  await withDatabase(bench.servers, settings.database, async (db) => {
    await seedOwner(db);
    await makeBatchesDue(db, fixture.publicationId);
  });
  const worker = servers.startWorker();
  await waitForMessages(servers, fixture.readers / 3, 0);
  await worker.stop('SIGKILL');
  await copyDatabase(bench.servers, settings.database, copy);
}

/** Sends what is left, or some of it where the copy is put in under a running worker. Returns the worker that has the copy. */
export async function sendMoreAndRestore(
  servers: FaultServers,
  { publicationId, readers }: Fixture,
  { copy, survivor }: { copy: string; survivor: Survivor },
): Promise<BenchProcess> {
  const { bench, settings, sink } = servers;
  const { database } = settings;
  const before = await sink.messages();
  const worker = servers.startWorker();
  if (survivor === 'a running worker') {
    await waitForMessages(servers, readers / 3, before);
    await restoreDatabase(bench.servers, database, copy);
    await sleep(SETTLE_MS);
    return worker;
  }
  await withDatabase(bench.servers, database, (db) => waitUntilFinished(db, publicationId));
  await worker.stop();
  await restoreDatabase(bench.servers, database, copy);
  if (survivor === 'DATA_DIR' && bench.servers.redis !== undefined) await flushRedis(bench.servers.redis.url);
  return servers.startWorker(survivor === 'Redis' ? '-new' : '');
}

/** An article to everybody, once the operator has decided: who did not get it, and who got any digest twice. */
export async function sendAnother(
  servers: FaultServers,
  { publicationId, readers }: Fixture,
): Promise<{ missed: number; doubled: number }> {
  const { bench, settings } = servers;
  const before = (await readReceived(servers)).readers;
  await withDatabase(bench.servers, settings.database, async (db) => {
    const context = { db, now: () => new Date() };
    await seedArticleForAll(context, await reloadPublication(context, publicationId), ARTICLE_COUNT);
    runCommand(bench.servers, settings, ['digest', 'send', '--yes', '--publication', 'post']);
    await waitUntil(async () => (await countStates(db, publicationId)).planned >= 2 * readers);
    await waitUntilFinished(db, publicationId);
  });
  const after = (await readReceived(servers)).readers;
  const mailed = [...after].filter(
    ([email, { messageIds }]) => messageIds > (before.get(email)?.messageIds ?? 0),
  );
  return { missed: readers - mailed.length, doubled: countDoubled(after) };
}
