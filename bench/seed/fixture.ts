import type { Publication } from '../../src/publications/publication.js';
import { countStates, countVariants, postponeBatches } from '../support/ledger.js';
import { planInChild } from '../plan/plan-in-child.js';
import { reloadPublication, seedArticles, seedPublication } from './articles.js';
import { seedReaders } from './readers.js';
import { migrate } from '../../src/platform/db/migrate.js';
import { createDatabase, withDatabase, type BenchServers } from '../support/servers.js';

/** A database with two newsletters whose digests are planned and held back: every run begins with a copy of it. */
export type Fixture = {
  servers: BenchServers;
  /** The database to copy. */
  template: string;
  publicationId: string;
  /** A small newsletter to warm up with, of the same shape. */
  warmUpId: string;
  readers: number;
  variants: number;
  seedSeconds: number;
};

const WARM_UP_READERS = 2_000;

/** Seeds and plans; only the benchmark `seed` measures this. */
export async function prepareFixture(servers: BenchServers, readers: number): Promise<Fixture> {
  const template = `fixture_${readers}`;
  await createDatabase(servers, template);
  await migrate(servers.urlOf(template));
  const begun = performance.now();
  const publicationId = await seedNewsletter(servers, template, 'post', readers);
  const seedSeconds = (performance.now() - begun) / 1000;
  const warmUpId = await seedNewsletter(servers, template, 'warm-up', Math.min(WARM_UP_READERS, readers));
  for (const id of [publicationId, warmUpId])
    await planInChild(servers, template, { what: 'operator', publicationId: id });
  const variants = await withDatabase(servers, template, async (db) => {
    await postponeBatches(db);
    const { planned } = await countStates(db, publicationId);
    if (planned !== readers) throw new Error(`${planned} of ${readers} readers were planned.`);
    return countVariants(db, publicationId);
  });
  return { servers, template, publicationId, warmUpId, readers, variants, seedSeconds };
}

/** A newsletter whose readers are due 24 articles, each those of her topic. */
function seedNewsletter(
  servers: BenchServers,
  database: string,
  slug: string,
  readers: number,
): Promise<Publication['id']> {
  return withDatabase(servers, database, async (db) => {
    const context = { db, now: () => new Date() };
    const publication = await seedPublication(context, slug);
    await seedReaders(db, publication, { readers, due: 'later', now: new Date() });
    await seedArticles(context, await reloadPublication(context, publication.id));
    return publication.id;
  });
}
