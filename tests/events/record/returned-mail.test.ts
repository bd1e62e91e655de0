import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { MINUTE_MS } from '../../../src/platform/durations.js';
import { sql } from '../../../src/platform/db/sql.js';
import type { Publication } from '../../../src/publications/publication.js';
import { resumeTransport } from '../../../src/deliveries/control/resume-transport.js';
import { listCircuits } from '../../../src/transports/circuits/reads.js';
import type { DeliveryRow } from '../../support/deliveries.js';
import { eventOf, listSuppressionReasons, mailArticle, record } from '../../support/events.js';
import { addReaders, resetTestApp } from '../../support/fixtures.js';
import { addOperator } from '../../support/operator-session.js';
import { readMails } from '../../support/reader-actions.js';
import { openTestApp, type TestApp } from '../../support/test-app.js';

let testApp: TestApp;
let publication: Publication;

beforeAll(async () => {
  testApp = await openTestApp({ settings: { BOUNCE_DOMAIN: 'bounce.example.com' } });
});
beforeEach(async () => {
  await resetTestApp(testApp);
  publication = await testApp.createPublication();
  await addOperator(testApp, 'owner@lantern.example', 'owner');
});
afterAll(() => testApp.close());

/** A digest goes to so many readers at a domain. */
async function mailTo(count: number, domain: string): Promise<DeliveryRow[]> {
  const emails = Array.from({ length: count }, (_, at) => `reader-${at}@${domain}`);
  await addReaders(testApp, publication, emails, { cadence: 'instant' });
  return (await mailArticle(testApp, publication, 'Harbour')).filter(({ email }) => email.endsWith(domain));
}

const bounces = (deliveries: readonly DeliveryRow[]) =>
  deliveries.map((delivery) => eventOf(testApp, publication, delivery));
const complaints = (deliveries: readonly DeliveryRow[]) =>
  deliveries.map((delivery) => eventOf(testApp, publication, delivery, { class: 'complaint' }));

async function passMinute(): Promise<void> {
  testApp.advanceClock(MINUTE_MS);
  await testApp.handlers['alert-operators']({});
  await testApp.runDueJobs();
}

const alertMails = async () =>
  (await readMails(testApp)).filter(({ to }) => to === 'owner@lantern.example').map(({ subject }) => subject);

test('reports alone begin a storm of bounces: none of its readers is given up, whichever came first, and it is told', async () => {
  const deliveries = await mailTo(120, 'school.example');
  await record(testApp, ...bounces(deliveries.slice(0, 4)));
  expect(await listSuppressionReasons(testApp)).toHaveLength(4);
  await record(testApp, ...bounces(deliveries.slice(4, 10)));
  expect(await listSuppressionReasons(testApp)).toEqual([]);
  await record(testApp, ...bounces(deliveries.slice(10, 20)));
  expect(await listSuppressionReasons(testApp)).toEqual([]);
  const [circuit, ...more] = await listCircuits(testApp.context.db);
  expect([circuit?.kind, circuit?.domain, circuit?.closesAt, more]).toEqual([
    'bounces',
    'school.example',
    null,
    [],
  ]);
  await passMinute();
  expect(await alertMails()).toEqual(expect.arrayContaining([expect.stringContaining('school.example')]));
  await resumeTransport(testApp.context, circuit?.id ?? '');
  testApp.advanceClock(MINUTE_MS);
  await record(testApp, ...bounces(deliveries.slice(20, 22)));
  expect(await listSuppressionReasons(testApp)).toHaveLength(2);
});

test('the same readers reported again, or few of many, begin none; and who complains in a storm is heard', async () => {
  const deliveries = await mailTo(120, 'school.example');
  const five = deliveries.slice(0, 5);
  for (let times = 0; times < 3; times += 1) await record(testApp, ...bounces(five));
  expect(await listSuppressionReasons(testApp)).toHaveLength(5);
  expect(await listCircuits(testApp.context.db)).toEqual([]);
  await record(testApp, ...bounces(deliveries.slice(5, 10)));
  await record(testApp, ...complaints(deliveries.slice(0, 1)));
  expect(await listSuppressionReasons(testApp)).toEqual(['complained everywhere']);
});

test('operators are mailed within a minute when many bounces or complaints of one digest come back, once, and Health says so', async () => {
  const deliveries = await mailTo(60, 'post.example');
  await record(testApp, ...complaints(deliveries.slice(0, 4)));
  await record(testApp, ...complaints(deliveries.slice(0, 4)));
  await passMinute();
  expect(await alertMails()).toEqual([]);
  await record(testApp, ...complaints(deliveries.slice(4, 5)));
  await passMinute();
  await passMinute();
  expect(await alertMails()).toEqual(['The Lantern: much of a digest came back']);
  const [mail] = (await readMails(testApp)).filter(({ to }) => to === 'owner@lantern.example');
  expect(mail?.text).toContain('5 readers called it spam (8.3 %)');
  expect(mail?.text).not.toContain('@post.example');
});

test('bounces of the session and those of reports are added up', async () => {
  testApp.smtp.setScript((stage, address) =>
    stage === 'rcpt' && /^reader-[0-2]@/.test(address) ? '550 5.1.1 User unknown' : undefined,
  );
  const deliveries = await mailTo(40, 'post.example');
  testApp.smtp.setScript(() => undefined);
  const accepted = deliveries.filter(({ state }) => state === 'accepted');
  await passMinute();
  expect(await alertMails()).toEqual([]);
  await record(testApp, ...bounces(accepted.slice(0, 2)));
  await passMinute();
  expect(await alertMails()).toHaveLength(1);
});

test('a bounce that was reported later is found in the list of readers, and not what came before she confirmed anew', async () => {
  const [ada, ben] = await mailTo(2, 'post.example');
  if (ada === undefined || ben === undefined) throw new Error('Two readers');
  await record(
    testApp,
    ...bounces([ada]),
    eventOf(testApp, publication, ben, { class: 'sender-fault', scope: 'us' }),
  );
  const bounced = () =>
    testApp.context.db.many(
      sql`select email_key from listed_readers where bounced_at is not null order by 1`,
    );
  expect(await bounced()).toEqual([{ emailKey: ada.email }]);
  testApp.advanceClock(MINUTE_MS);
  await testApp.context.db.run(sql`
    update subscriptions set confirmed_at = ${testApp.context.now()} where id = ${ada.subscriptionId}
  `);
  expect(await bounced()).toEqual([]);
  await record(testApp, ...bounces([ada]).map((event) => ({ ...event, occurredAt: new Date(0) })));
  expect(await bounced()).toEqual([]);
});
