import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import type { Publication } from '../../../src/publications/publication.js';
import type { DeliveryRow } from '../../support/deliveries.js';
import { eventOf, mailArticle, record } from '../../support/events.js';
import { addReaders, resetTestApp } from '../../support/fixtures.js';
import { openTestApp, type TestApp } from '../../support/test-app.js';
import { openTestApi, type Api } from './client.js';

let testApp: TestApp;
let api: Api;
let publication: Publication;
let ada: DeliveryRow;
let ben: DeliveryRow;

beforeAll(async () => {
  testApp = await openTestApp();
  api = await openTestApi(testApp);
});
beforeEach(async () => {
  await resetTestApp(testApp);
  publication = await testApp.createPublication();
  await addReaders(testApp, publication, ['ada@example.com', 'ben@example.com'], { cadence: 'instant' });
  const [first, second] = await mailArticle(testApp, publication, 'Harbour');
  if (first === undefined || second === undefined) throw new Error('Two readers');
  [ada, ben] = [first, second];
});
afterAll(() => testApp.close());

test('a program lists what came back, by newsletter, digest, reader and class, without addresses', async () => {
  const call = await api.program('read');
  await record(
    testApp,
    eventOf(testApp, publication, ada),
    eventOf(testApp, publication, ben, { class: 'complaint' }),
  );
  const list = async (query: string) => {
    const { status, body } = await call('GET', `/events?${query}`);
    expect(status).toBe(200);
    return (body as { data: { class: string; subscription: string }[] }).data;
  };
  expect(await list(`digest=${ada.digestId}&class=hard`)).toEqual([
    {
      id: expect.any(String),
      publication: publication.id,
      digest: ada.digestId,
      notice: null,
      subscription: ada.subscriptionId,
      class: 'hard',
      scope: 'mailbox',
      status: '5.1.1',
      code: 550,
      reason: '550 5.1.1 <…>: User unknown',
      source: 'smtp',
      match: 'delivery',
      occurredAt: testApp.context.now().toISOString(),
      receivedAt: testApp.context.now().toISOString(),
    },
  ]);
  expect((await list('')).map((event) => event.class)).toEqual(expect.arrayContaining(['hard', 'complaint']));
  expect(await list(`subscription=${ben.subscriptionId}`)).toMatchObject([{ class: 'complaint' }]);
  expect(await list(`publication=${publication.slug}&limit=1`)).toHaveLength(1);
  expect((await call('GET', '/events?class=angry')).status).toBe(400);
});

test('events of one newsletter are not on the list of another', async () => {
  const other = await testApp.createPublication({ slug: 'tide', name: 'The Tide' });
  await record(testApp, eventOf(testApp, publication, ada));
  const call = await api.program('read');
  expect((await call('GET', `/events?publication=${other.slug}`)).body).toMatchObject({ data: [] });
});
