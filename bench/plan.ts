import { migrate } from '../src/platform/db/migrate.js';
import { sql } from '../src/platform/db/sql.js';
import type { Bench } from './bench.js';
import { medianFigure, type Figure } from './figures.js';
import { publicationNow, seedArticleForAll, seedArticles, seedPublication } from './seed-articles.js';
import { seedReaders } from './seed-readers.js';
import { createDatabase, dropDatabase, withDatabase } from './servers.js';
import type { PlanAnswer } from './plan-child.js';
import { plan } from './stage.js';

type Kind = 'instant' | 'due';
type Planned = PlanAnswer & { void?: string };

const READERS = 1_000_000;
const WORDS = { instant: 'instant', due: 'daily' } as const;

/**
 * Deliveries inserted, watermarks and next hours moved, by the verbs that the jobs plan-instant and plan-due call, in one
 * process of their own: one article to instant readers, and 15 articles in 72 and more variants to daily ones.
 */
export async function measurePlan(bench: Bench): Promise<Figure[]> {
  return [...(await planKind(bench, 'due')), ...(await planKind(bench, 'instant'))];
}

async function planKind(bench: Bench, what: Kind): Promise<Figure[]> {
  const readers = bench.options.readers ?? READERS;
  bench.say(`seeding ${readers} ${WORDS[what]} readers`);
  const publicationId = await seed(bench, what, readers);
  const runs: Planned[] = [];
  for (let run = 1; run <= bench.options.runs; run += 1) {
    runs.push(await planOnce(bench, what, publicationId, readers));
    bench.say(`plan ${WORDS[what]} ${run}: ${((runs.at(-1)?.milliseconds ?? 0) / 1000).toFixed(1)} s`);
  }
  await dropDatabase(bench.servers, `plan_${what}`);
  return figuresOf(what, readers, runs);
}

function figuresOf(what: Kind, readers: number, runs: readonly Planned[]): Figure[] {
  const broken = runs.find((run) => run.void !== undefined)?.void;
  const line = { bench: 'plan', ...(broken === undefined ? {} : { void: broken }) };
  const peaks = runs.flatMap(({ peakMemory }) => (peakMemory === undefined ? [] : [peakMemory / 1e6]));
  const bar = readers === READERS ? { bar: { most: 30 } } : { note: `the bar is for ${READERS} readers` };
  const seconds = runs.map(({ milliseconds }) => milliseconds / 1000);
  return [
    medianFigure({ ...line, ...bar, what: `${readers} ${WORDS[what]} deliveries`, unit: 's' }, seconds),
    medianFigure({ ...line, what: `peak memory, ${WORDS[what]}`, unit: 'MB' }, peaks),
  ];
}

async function planOnce(bench: Bench, what: Kind, publicationId: string, readers: number): Promise<Planned> {
  const { servers } = bench;
  const database = `plan_${what}_run`;
  await createDatabase(servers, database, `plan_${what}`);
  try {
    const answer = await plan(servers, database, { what, publicationId });
    const { planned, moved } = await countPlanned(bench, database);
    if (planned === readers && moved === readers) return answer;
    return { ...answer, void: `${planned} planned and ${moved} moved on of ${readers}` };
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

async function seed({ servers }: Bench, due: Kind, readers: number): Promise<string> {
  const database = `plan_${due}`;
  await createDatabase(servers, database);
  await migrate(servers.urlOf(database));
  return withDatabase(servers, database, async (db) => {
    const context = { db, now: () => new Date() };
    const publication = await seedPublication(context, 'post');
    await seedReaders(db, publication, { readers, due, now: new Date() });
    const article = due === 'instant' ? seedArticleForAll : seedArticles;
    await article(context, await publicationNow(context, publication.id));
    return publication.id;
  });
}
