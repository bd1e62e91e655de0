import { migrate } from '../../src/platform/db/migrate.js';
import { createDatabase, withDatabase, type BenchServers } from '../support/servers.js';
import { seedPublication } from './articles.js';
import { seedOwner } from './owner.js';
import { seedReaders } from './readers.js';

/** Makes a database with a newsletter, `post`, whose readers are due nothing, and an owner. Answers the newsletter's id. */
export async function seedIdleNewsletter(
  servers: BenchServers,
  database: string,
  readers: number,
): Promise<string> {
  await createDatabase(servers, database);
  await migrate(servers.urlOf(database));
  return withDatabase(servers, database, async (db) => {
    const now = new Date();
    const publication = await seedPublication({ db, now: () => now }, 'post');
    await seedReaders(db, publication, { readers, due: 'later', now });
    await seedOwner(db);
    return publication.id;
  });
}
