import { sql } from '../../src/platform/db/sql.js';
import { addArticles, addReaders, readerAddresses, resetTestApp } from '../support/fixtures.js';
import type { TestApp } from '../support/test-app.js';
import type { Publication } from '../../src/publications/publication.js';
import { listDeliveries } from '../support/deliveries.js';

/** Resets the application, and plans an article for so many readers: one batch, and nothing sent or in the outbox. */
export async function planOneBatch(
  testApp: TestApp,
  readers: number,
): Promise<{ publication: Publication; batch: { digestId: string; number: number } }> {
  await resetTestApp(testApp);
  const publication = await testApp.createPublication();
  await addReaders(testApp, publication, readerAddresses(readers));
  await addArticles(testApp, publication, 'Harbour');
  await testApp.handlers['plan-instant']({ publicationId: publication.id });
  await testApp.context.db.run(sql`delete from outbox`);
  const [first] = await listDeliveries(testApp);
  if (first === undefined) throw new Error('Nobody was planned');
  return { publication, batch: { digestId: first.digestId, number: first.batch } };
}
