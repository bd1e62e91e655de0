import { migrate } from '../../src/platform/db/migrate.js';
import type { Db } from '../../src/platform/db/database.js';
import { sql } from '../../src/platform/db/sql.js';
import type { Bench } from '../bench.js';
import { seedPublication } from '../seed/articles.js';
import { startChild, type Child } from '../support/child-process.js';
import type { Metric } from '../support/metrics.js';
import { between, seededRandom } from '../support/random.js';
import { createDatabase, dropDatabase, secretKey, withDatabase } from '../support/servers.js';
import type { ImportOptions, ImportResponse } from './import-child.js';

const ROWS = 1_000_000;
const QUICK_ROWS = 100_000;
const MIN_RATE = 50_000;
const MAX_BYTES = 200 * 1024 * 1024;
const KILLS = 10;
/** Of an import that is killed: it is done twice, once without a fault. */
const KILLED_ROWS = 100_000;

/**
 * An export of a million readers comes in: kept, checked and added, with all indexes, counts and consents; its rate, and the most memory
 * of its process. And whether a smaller one leaves the same when its process is killed ten times.
 */
export async function measureImport(bench: Bench): Promise<Metric[]> {
  const { options, log } = bench;
  const rows = options.readers ?? (options.quick ? QUICK_ROWS : ROWS);
  const times = await withImport(bench, async (child, publicationId) => {
    const received = await child.request<ImportResponse>({ step: 'receive', publicationId, rows });
    const checked = await child.request<ImportResponse>({ step: 'check', id: received.id });
    const added = await child.request<ImportResponse>({ step: 'add', id: received.id });
    return { received, checked, added };
  });
  const { received, checked, added } = times.result;
  const rate = (milliseconds: number) => (rows / milliseconds) * 1000;
  const line = { bench: 'import' } as const;
  const all = received.milliseconds + checked.milliseconds + added.milliseconds;
  const note = `${rows} rows; kept ${Math.round(received.milliseconds)} ms, checked ${Math.round(checked.milliseconds)} ms, added ${Math.round(added.milliseconds)} ms`;
  log(`import: ${note}`);
  const metrics: Metric[] = [
    { ...line, what: 'rows checked', value: rate(checked.milliseconds), unit: 'a second' },
    { ...line, what: 'rows added', value: rate(added.milliseconds), unit: 'a second' },
    {
      ...line,
      what: 'rows, everything',
      value: rate(all),
      unit: 'a second',
      target: { min: MIN_RATE },
      note,
    },
    {
      ...line,
      what: 'most memory of its process',
      value: Math.round(added.peakBytes / 1024 / 1024),
      unit: 'MB',
      target: { max: MAX_BYTES / 1024 / 1024 },
    },
  ];
  return [...metrics, await measureKills(bench)];
}

async function measureKills(bench: Bench): Promise<Metric> {
  const rows = Math.min(bench.options.readers ?? KILLED_ROWS, KILLED_ROWS);
  const random = seededRandom(bench.options.seed);
  const undisturbed = await withImport(bench, async (child, publicationId) => {
    const { id } = await child.request<ImportResponse>({ step: 'receive', publicationId, rows });
    await child.request({ step: 'check', id });
    return child.request<ImportResponse>({ step: 'add', id });
  });
  const expected = undisturbed.state;
  const killed = await withImport(bench, async (child, publicationId, restart) => {
    const { id } = await child.request<ImportResponse>({ step: 'receive', publicationId, rows });
    await child.request({ step: 'check', id });
    let current = child;
    for (let kill = 0; kill < KILLS; kill += 1) {
      const answer = current.request({ step: 'add', id }).catch(() => {});
      await new Promise((resolve) =>
        setTimeout(resolve, between(random, 0, (1.5 * undisturbed.result.milliseconds) / KILLS)),
      );
      process.kill(current.pid, 'SIGKILL');
      await answer;
      current = await restart();
    }
    return current.request<ImportResponse>({ step: 'add', id });
  });
  const different =
    expected.filter((row) => !killed.state.includes(row)).length +
    killed.state.filter((row) => !expected.includes(row)).length;
  return {
    bench: 'import',
    what: `lines that differ after ${KILLS} kills`,
    value: different,
    unit: 'lines',
    target: { max: 0 },
    note: `seed ${bench.options.seed}; ${rows} rows`,
  };
}

async function withImport<Result>(
  { servers }: Bench,
  work: (child: Child, publicationId: string, restart: () => Promise<Child>) => Promise<Result>,
): Promise<{ result: Result; state: string[] }> {
  const database = 'import_run';
  await createDatabase(servers, database);
  await migrate(servers.urlOf(database));
  const options: ImportOptions = { databaseUrl: servers.urlOf(database), secretKey };
  const start = () => startChild(new URL('./import-child.ts', import.meta.url), options);
  const children: Child[] = [];
  const restart = async () => {
    const child = await start();
    children.push(child);
    return child;
  };
  try {
    const publicationId = await withDatabase(
      servers,
      database,
      async (db) => (await seedPublication({ db, now: () => new Date() }, 'import')).id,
    );
    const result = await work(await restart(), publicationId, restart);
    return { result, state: await withDatabase(servers, database, describeState) };
  } finally {
    for (const child of children) await child.stop();
    await dropDatabase(servers, database);
  }
}

/** What an import leaves, in sums, without ids and times that differ from run to run. */
async function describeState(db: Db): Promise<string[]> {
  const rows = await db.many<{ line: string }>(sql`
    select concat_ws(' ', 'readers', status, cadence, timezone, count(*), sum(hashtext(p.email_key)::bigint), min(confirmed_at), max(confirmed_at)) as line
      from subscriptions s join subscribers p on p.id = s.subscriber_id group by status, cadence, timezone
     union all
    select concat_ws(' ', 'listed', status, source, count(*), sum(hashtext(email_key)::bigint)) from listed_readers group by status, source
     union all
    select concat_ws(' ', 'consents', kind, source, count(*), count(distinct subscription_id)) from consents group by kind, source
     union all
    select concat_ws(' ', 'brought', count(*), count(started_at)) from imported_readers
     union all
    select concat_ws(' ', 'done', state, done) from imports
     union all
    select concat_ws(' ', 'kept', (select count(*) from import_rows), (select count(*) from import_file_parts), (select count(*) from import_mistakes))
     union all
    select concat_ws(' ', 'activity', kind, count(*)) from activity where kind like 'import.%' group by kind
  `);
  return rows.map(({ line }) => line).toSorted();
}
