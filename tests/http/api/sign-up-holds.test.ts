import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { sql } from '../../../src/platform/db/sql.js';
import type { Publication } from '../../../src/publications/publication.js';
import { readMails } from '../../support/reader-actions.js';
import { openTestApp, type TestApp } from '../../support/test-app.js';
import { openTestApi, type Call, type Json } from './client.js';

let testApp: TestApp;
let publication: Publication;
let call: Call;
let readOnly: Call;

beforeAll(async () => {
  testApp = await openTestApp();
  publication = await testApp.createPublication();
  const api = await openTestApi(testApp);
  call = await api.program('read', 'write');
  readOnly = await api.program('read');
});

afterAll(() => testApp.close());

async function hold(email: string): Promise<string> {
  const { id } = await testApp.context.db.one<{ id: string }>(sql`
    insert into sign_up_requests (publication_id, email, outcome, reasons, created_at)
    values (${publication.id}, ${email}, 'held', '{unproved}', ${testApp.context.now()})
    returning id
  `);
  return id;
}

const held = async (query = '') => {
  const { body } = await call('GET', `/sign-up-holds?publication=lantern${query}`);
  return { data: body['data'] as Json[], nextCursor: body['nextCursor'] as string | null };
};

test('held sign-ups are listed newest first, a page at a time', async () => {
  expect(await held()).toEqual({ data: [], nextCursor: null });
  const ada = await hold('ada@example.com');
  const ben = await hold('ben@example.com');
  const first = await held('&limit=1');
  expect(first.data).toEqual([
    {
      id: ben,
      publication: publication.id,
      email: 'ben@example.com',
      reasons: ['unproved'],
      source: null,
      createdAt: testApp.context.now().toISOString(),
    },
  ]);
  const second = await held(`&limit=1&cursor=${first.nextCursor ?? ''}`);
  expect([second.data.map(({ id }) => id), second.nextCursor]).toEqual([[ada], null]);
  expect((await call('GET', '/sign-up-holds?publication=nobody')).status).toBe(404);
});

test('one is released and answered by mail, another deleted; each once, and only with the scope to write', async () => {
  const [ben = '', ada = ''] = (await held()).data.map(({ id }) => String(id));
  expect((await readOnly('POST', `/sign-up-holds/${ada}/release`)).status).toBe(403);
  expect((await readOnly('DELETE', `/sign-up-holds/${ben}`)).status).toBe(403);
  expect((await call('POST', `/sign-up-holds/${ada}/release`)).status).toBe(204);
  expect((await call('DELETE', `/sign-up-holds/${ben}`)).status).toBe(204);
  const again = await call('POST', `/sign-up-holds/${ada}/release`);
  expect([again.status, again.body['code']]).toEqual([404, 'not-held']);
  expect((await call('DELETE', `/sign-up-holds/${randomUUID()}`)).status).toBe(404);
  await testApp.runDueJobs();
  expect((await readMails(testApp)).map(({ to }) => to)).toEqual(['ada@example.com']);
  expect(await held()).toEqual({ data: [], nextCursor: null });
});

test('attack mode is read, switched on and off', async () => {
  const path = '/publications/lantern/attack';
  expect((await readOnly('GET', path)).body).toEqual({ on: false, cause: null, beganAt: null });
  expect((await readOnly('PUT', path, { on: true })).status).toBe(403);
  expect((await call('PUT', path, { on: 'yes' })).status).toBe(422);
  const on = { on: true, cause: 'by-hand', beganAt: testApp.context.now().toISOString() };
  expect((await call('PUT', path, { on: true })).body).toEqual(on);
  expect((await readOnly('GET', `/publications/${publication.id}/attack`)).body).toEqual(on);
  expect((await call('PUT', path, { on: false })).body).toMatchObject({ on: false });
  expect((await call('PUT', '/publications/nobody/attack', { on: true })).status).toBe(404);
});
