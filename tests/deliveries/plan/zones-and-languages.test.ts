import { devNull } from 'node:os';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { planDue, planInstant } from '../../../src/deliveries/plan/plan-digests.js';
import { planOperatorDigest, sendOperatorDigest } from '../../../src/deliveries/plan/operator-digest.js';
import { sql } from '../../../src/platform/db/sql.js';
import { HOUR_MS } from '../../../src/platform/durations.js';
import { createLog, type LoggedEvent } from '../../../src/platform/log.js';
import type { Publication } from '../../../src/publications/publication.js';
import { reportPublicationZones } from '../../../src/publications/report-publication-zones.js';
import { resumeExpiredPauses } from '../../../src/subscribers/preferences/pause.js';
import { listDeliveries } from '../../support/deliveries.js';
import { addArticles, addReader, reloadReader } from '../../support/fixtures.js';
import { openTestApp, type TestApp } from '../../support/test-app.js';
import { REFUSED_ALIASES } from '../../support/time-zone-aliases.js';

let testApp: TestApp;
let publication: Publication;
let events: LoggedEvent[];

/** Sunday, 06:00 in Nairobi: an hour before the readers' hour. */
beforeEach(async () => {
  testApp = await openTestApp({ now: new Date('2026-11-22T03:00:00Z') });
  publication = await testApp.createPublication();
  events = [];
});
afterEach(() => testApp.close());

const withLog = () => ({
  ...testApp.context,
  log: createLog('warn', { file: devNull, onEvent: (event) => void events.push(event) }),
});
const mailed = async () => (await listDeliveries(testApp)).map(({ email }) => email).toSorted();

test('readers whose stored zone this runtime does not know are planned in UTC with all others, and the log has their ids', async () => {
  const zones = [...REFUSED_ALIASES, 'ist', 'Mars/Base', 'America/New_Town', ''];
  const odd: string[] = [];
  for (const [at, timezone] of zones.entries()) {
    const email = `odd-${at}@example.com`;
    const { id } = await addReader(testApp, publication, email, { cadence: 'daily', timezone });
    odd.push(id);
    await addReader(testApp, publication, `known-${at}@example.com`, { cadence: 'daily' });
  }
  await addArticles(testApp, publication, 'Harbour');
  testApp.advanceClock(HOUR_MS);
  await planDue(withLog());
  expect(await mailed()).toEqual(zones.map((_, at) => `known-${at}@example.com`).toSorted());
  expect(events).toEqual([]);
  // 07:00 in UTC.
  testApp.advanceClock(3 * HOUR_MS);
  await planDue(withLog());
  expect((await mailed()).length).toBe(2 * zones.length);
  expect(events).toMatchObject([
    { event: 'reader.time-zone-unknown', publicationId: publication.id, count: zones.length },
  ]);
  expect(odd).toEqual(expect.arrayContaining(events[0]?.['subscriptionIds'] as string[]));
  expect(JSON.stringify(events)).not.toContain('@');
});

test('instant readers in such a zone fall back on the digest of the day like all others', async () => {
  await addReader(testApp, publication, 'odd@example.com', { cadence: 'instant', timezone: 'IST' });
  await addReader(testApp, publication, 'known@example.com', { cadence: 'instant' });
  await addArticles(testApp, publication, 'One', 'Two', 'Three', 'Four');
  await planInstant(testApp.context, publication.id);
  expect(await mailed()).toEqual(['known@example.com', 'odd@example.com']);
});

test('a pause of a reader in such a zone ends, and so do those of all others', async () => {
  const settings = { status: 'paused', cadence: 'daily' } as const;
  const odd = await addReader(testApp, publication, 'odd@example.com', { ...settings, timezone: 'IST' });
  const known = await addReader(testApp, publication, 'known@example.com', settings);
  const { db, now } = testApp.context;
  await db.run(
    sql`update subscriptions set paused_at = ${now()}, paused_until = ${now()}, next_due_at = null`,
  );
  testApp.advanceClock(HOUR_MS);
  await resumeExpiredPauses(testApp.context);
  expect(await reloadReader(testApp, odd)).toMatchObject({ status: 'confirmed' });
  expect(await reloadReader(testApp, known)).toMatchObject({ status: 'confirmed' });
});

test('a publication whose stored zone this runtime does not know is named in the log by its id', async () => {
  const { db } = testApp.context;
  await reportPublicationZones(withLog());
  expect(events).toEqual([]);
  await db.run(sql`update publications set timezone = 'America/New_Town' where id = ${publication.id}`);
  await reportPublicationZones(withLog());
  expect(events).toEqual([{ event: 'publication.time-zone-unknown', publicationId: publication.id }]);
});

test('a hundred invented languages are one rendering of a digest, and languages with translations one each', async () => {
  const languages = Array.from({ length: 100 }, (_, at) => `en-x${String(at).padStart(4, '0')}`);
  const odd = ['en', 'EN', 'de_DE', 'pt-PT-ao90', 'en-a1', ...languages, 'sw', 'sw-KE', 'sw_TZ', 'sw-a1'];
  for (const [at, locale] of odd.entries())
    await addReader(testApp, publication, `reader-${at}@example.com`, { cadence: 'daily', locale });
  const [article = ''] = await addArticles(testApp, publication, 'Harbour');
  testApp.advanceClock(HOUR_MS);
  await planDue(testApp.context);
  expect(await variantLocales()).toEqual(['en', 'sw']);
  expect((await mailed()).length).toBe(odd.length);
  const order = { articleIds: [article], again: true };
  const sent = await sendOperatorDigest(testApp.context, publication.id, order);
  if (sent.kind !== 'sending') throw new Error('Nobody was due');
  await planOperatorDigest(testApp.context, sent.digestId);
  expect(await variantLocales()).toEqual(['en', 'en', 'sw', 'sw']);
});

test('an operator’s audience of a language is all who chose it, however it is written', async () => {
  for (const [at, locale] of ['pt-BR', 'pt-br', 'pt_BR', 'pt', 'en'].entries())
    await addReader(testApp, publication, `reader-${at}@example.com`, { cadence: 'daily', locale });
  await addArticles(testApp, publication, 'Harbour');
  const sent = await sendOperatorDigest(testApp.context, publication.id, { audience: { locale: 'pt_br' } });
  expect(sent).toMatchObject({ forecast: { readers: 3 } });
});

async function variantLocales(): Promise<string[]> {
  const rows = await testApp.context.db.many<{ locale: string }>(
    sql`select locale from variants order by locale`,
  );
  return rows.map(({ locale }) => locale);
}
