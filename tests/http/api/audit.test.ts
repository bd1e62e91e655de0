import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { createOperator } from '../../../src/operators/accounts.js';
import { recordActivities } from '../../../src/operators/activity/record-activity.js';
import { actingAs } from '../../../src/platform/actor.js';
import { archivePublication, updatePublication } from '../../../src/publications/change-publication.js';
import { addReader, resetTestApp } from '../../support/fixtures.js';
import { openTestApp, type TestApp } from '../../support/test-app.js';
import { exampleActivities } from '../../operators/activity/examples.js';
import { openTestApi, type Api, type Json } from './client.js';

let testApp: TestApp;
let api: Api;
beforeAll(async () => {
  testApp = await openTestApp();
  api = await openTestApi(testApp);
});
beforeEach(() => resetTestApp(testApp));
afterAll(() => testApp.close());

test('a program reads who changed what, with a sentence for an operator', async () => {
  const call = await api.program('read', 'write');
  const publication = await testApp.createPublication();
  const bo = await createOperator(testApp.context, {
    email: 'bo@tide.example',
    name: 'Bo',
    grant: 'administrator',
  });
  const byBo = actingAs(testApp.context, { kind: 'operator', id: bo?.id ?? '' });
  await updatePublication(byBo, publication.id, { hour: 9, replyTo: 'bo@tide.example' });
  await call('POST', `/publications/${publication.slug}/archival`);
  const { body } = await call('GET', `/audit?publication=${publication.slug}`);
  const subject = { type: 'publication', id: publication.id, name: 'The Lantern' };
  expect(body).toEqual({
    data: [
      expect.objectContaining({
        kind: 'publication.archived',
        actor: { kind: 'token', id: call.id, name: 'a program' },
        sentence:
          'The program “a program” archived the newsletter “The Lantern”. Nothing of it is sent any more.',
      }),
      {
        id: expect.any(String),
        createdAt: testApp.context.now().toISOString(),
        kind: 'publication.changed',
        actor: { kind: 'operator', id: bo?.id, name: 'Bo' },
        subject,
        publication: publication.id,
        before: { hour: publication.hour, replyTo: null },
        after: { hour: 9, replyTo: 'tide.example' },
        sentence: 'Bo changed settings of the newsletter “The Lantern”: hour, replyTo.',
      },
      expect.objectContaining({ kind: 'publication.created', subject }),
    ],
    nextCursor: null,
  });
});

test('filters narrow the list, pages follow each other, and what cannot be asked for is refused', async () => {
  const call = await api.program('read');
  const publication = await testApp.createPublication();
  const reader = await addReader(testApp, publication, 'ada@example.com');
  const since = testApp.context.now().toISOString();
  testApp.advanceClock(1000);
  for (const hour of [1, 2, 3]) await updatePublication(testApp.context, publication.id, { hour });
  await archivePublication(testApp.context, publication.id);
  const kindsOf = async (query: string) =>
    ((await call('GET', `/audit?${query}`)).body['data'] as Json[]).map(({ kind }) => kind);
  expect(await kindsOf('kind=publication.changed')).toHaveLength(3);
  expect(await kindsOf('kind=token')).toEqual(['token.created']);
  expect(await kindsOf(`subject=${publication.id}&kind=publication.archived`)).toHaveLength(1);
  expect(await kindsOf(`subject=${reader.id}`)).toEqual([]);
  expect(await kindsOf('actor=system&publication=lantern')).toHaveLength(5);
  expect(await kindsOf(`actor=${call.id}`)).toEqual([]);
  const later = new Date(testApp.context.now().getTime() - 500).toISOString();
  expect(await kindsOf(`since=${later}`)).toHaveLength(4);
  expect(await kindsOf(`since=${since}`)).toHaveLength(6);
  const first = (await call('GET', '/audit?limit=4&publication=lantern')).body;
  const rest = (await call('GET', `/audit?limit=4&publication=lantern&cursor=${String(first['nextCursor'])}`))
    .body;
  const all = [...(first['data'] as Json[]), ...(rest['data'] as Json[])].map(({ kind }) => kind);
  expect(all).toEqual([
    'publication.archived',
    ...Array(3).fill('publication.changed'),
    'publication.created',
  ]);
  expect(rest['nextCursor']).toBeNull();
  for (const query of [
    'kind=digests',
    'kind=digest.',
    'actor=bo',
    'subject=1',
    'since=yesterday',
    'limit=0',
    'x=1',
  ])
    expect((await call('GET', `/audit?${query}`)).status).toBe(400);
  expect((await call('GET', '/audit?publication=none')).status).toBe(404);
  expect((await (await api.program('write'))('GET', '/audit')).status).toBe(403);
});

/** Each answer is compared with openapi.json by the client. */
test('every kind of change is answered as openapi.json describes it', async () => {
  const call = await api.program('read');
  for (const { actor, ...change } of exampleActivities)
    await testApp.context.db.transaction((tx) =>
      recordActivities(tx, actingAs(testApp.context, actor as never), [change as never]),
    );
  let seen = 0;
  for (let cursor = ''; cursor !== 'null';) {
    const { status, body } = await call('GET', `/audit?limit=100${cursor && `&cursor=${cursor}`}`);
    expect(status).toBe(200);
    seen += (body['data'] as Json[]).length;
    cursor = String(body['nextCursor']);
  }
  expect(seen).toBe(exampleActivities.length + 1);
});

test('an operator who gave no name is not called by her whole address, nor is an account', async () => {
  const call = await api.program('read');
  const email = 'edits@tide.example';
  const editor = await createOperator(testApp.context, { email, name: null, grant: 'administrator' });
  const publication = await testApp.createPublication();
  const acting = actingAs(testApp.context, { kind: 'operator', id: editor?.id ?? '' });
  await updatePublication(acting, publication.id, { hour: 9 });
  const { text } = await call('GET', '/audit');
  expect(text).not.toContain(email);
  expect(text).toContain('e•••••@tide.example changed settings');
});
