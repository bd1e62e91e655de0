import { migrate } from '../../src/platform/db/migrate.js';
import { sql } from '../../src/platform/db/sql.js';
import type { Bench } from '../bench.js';
import { medianMetric, type Metric } from '../support/metrics.js';
import { reloadPublication, seedArticleForAll, seedArticles, seedPublication } from '../seed/articles.js';
import { seedReaders } from '../seed/readers.js';
import { createDatabase, dropDatabase, withDatabase } from '../support/servers.js';
import type { PlanResponse } from './plan-child.js';
import { planInChild } from './plan-in-child.js';

type PlanKind = 'instant' | 'due';
type PlanRun = PlanResponse & { invalid?: string };

const READERS = 1_000_000;
const CADENCE_NAMES = { instant: 'instant', due: 'daily' } as const;

/**
 * Deliveries inserted, watermarks and next hours moved, by the operations that the jobs plan-instant and plan-due call, in a
 * process of their own: one article to instant readers, and 15 articles in 72 and more variants to daily ones.
 */
export async function measurePlan(bench: Bench): Promise<Metric[]> {
  return [...(await measurePlanKind(bench, 'due')), ...(await measurePlanKind(bench, 'instant'))];
}

async function measurePlanKind(bench: Bench, what: PlanKind): Promise<Metric[]> {
  const readers = bench.options.readers ?? READERS;
  bench.log(`seeding ${readers} ${CADENCE_NAMES[what]} readers`);
  const publicationId = await seed(bench, what, readers);
  const runs: PlanRun[] = [];
  for (let run = 1; run <= bench.options.runs; run += 1) {
    runs.push(await planOnce(bench, what, publicationId, readers));
    bench.log(
      `plan ${CADENCE_NAMES[what]} ${run}: ${((runs.at(-1)?.milliseconds ?? 0) / 1000).toFixed(1)} s`,
    );
  }
  await dropDatabase(bench.servers, `plan_${what}`);
  return toMetrics(what, readers, runs);
}

function toMetrics(what: PlanKind, readers: number, runs: readonly PlanRun[]): Metric[] {
  const broken = runs.find((run) => run.invalid !== undefined)?.invalid;
  const line = { bench: 'plan', ...(broken === undefined ? {} : { invalid: broken }) };
  const peaks = runs.flatMap(({ peakMemory }) => (peakMemory === undefined ? [] : [peakMemory / 1e6]));
  const target =
    readers === READERS ? { target: { max: 30 } } : { note: `the target is for ${READERS} readers` };
  const seconds = runs.map(({ milliseconds }) => milliseconds / 1000);
  return [
    medianMetric(
      { ...line, ...target, what: `${readers} ${CADENCE_NAMES[what]} deliveries`, unit: 's' },
      seconds,
    ),
    medianMetric({ ...line, what: `peak memory, ${CADENCE_NAMES[what]}`, unit: 'MB' }, peaks),
  ];
}

async function planOnce(
  bench: Bench,
  what: PlanKind,
  publicationId: string,
  readers: number,
): Promise<PlanRun> {
  const { servers } = bench;
  const database = `plan_${what}_run`;
  await createDatabase(servers, database, `plan_${what}`);
  try {
    const answer = await planInChild(servers, database, { what, publicationId });
    const { planned, moved } = await countPlanned(bench, database);
    if (planned === readers && moved === readers) return answer;
    return { ...answer, invalid: `${planned} planned and ${moved} moved on of ${readers}` };
  } finally {
    await dropDatabase(servers, database);
  }
}

function countPlanned({ servers }: Bench, database: string): Promise<{ planned: number; moved: number }> {
  return withDatabase(servers, database, (db) =>
    db.one(sql`
      select (select count(*) from deliveries) as planned,
             (select count(*)
                from subscriptions s
                join publications p on p.id = s.publication_id
               where s.watermark = p.last_seq
                 and (s.next_due_at is null or s.next_due_at > now())) as moved
    `),
  );
}

async function seed({ servers }: Bench, due: PlanKind, readers: number): Promise<string> {
  const database = `plan_${due}`;
  await createDatabase(servers, database);
  await migrate(servers.urlOf(database));
  return withDatabase(servers, database, async (db) => {
    const context = { db, now: () => new Date() };
    const publication = await seedPublication(context, 'post');
    await seedReaders(db, publication, { readers, due, now: new Date() });
    const article = due === 'instant' ? seedArticleForAll : seedArticles;
    await article(context, await reloadPublication(context, publication.id));
    return publication.id;
  });
}
