import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Publication } from '../../../src/publications/publication.js';
import { addReader } from '../../support/fixtures.js';
import { openTestApp, type TestApp } from '../../support/test-app.js';
import { idOf, openTestApi, type Call } from './client.js';

let testApp: TestApp;
let publication: Publication;
let call: Call;

beforeAll(async () => {
  testApp = await openTestApp();
  publication = await testApp.createPublication({ defaultCadence: 'daily' });
  call = await (await openTestApi(testApp)).program('read', 'write', 'send');
  await addReader(testApp, publication, 'ada@example.com', { cadence: 'daily' });
});
afterAll(() => testApp.close());

test('words for the next digest are written, changed and approved; one who saw an older version is told', async () => {
  const made = await call('POST', '/drafts', { publication: 'lantern', cadence: 'daily', note: 'Hello' });
  expect([made.status, made.body]).toMatchObject([
    201,
    { state: 'draft', version: 1, note: 'Hello', cadence: 'daily' },
  ]);
  const path = `/drafts/${idOf(made)}`;
  const again = await call('POST', '/drafts', { publication: 'lantern', cadence: 'daily' });
  expect([again.status, again.body]).toMatchObject([
    409,
    { code: 'draft-exists', draft: { id: idOf(made) } },
  ]);
  expect((await call('PATCH', path, { version: 1, outro: 'Bye' })).body).toMatchObject({
    version: 2,
    note: 'Hello',
  });
  expect((await call('PATCH', path, { version: 1, subject: 'Day' })).body).toMatchObject({
    version: 3,
    outro: 'Bye',
  });
  const clash = await call('PATCH', path, { version: 1, outro: 'Other' });
  expect([clash.status, clash.body]).toMatchObject([
    409,
    { code: 'changed-meanwhile', draft: { version: 3, fields: ['outro'] } },
  ]);
  expect((await call('POST', `${path}/approval`, { version: 2 })).body).toMatchObject({
    code: 'changed-meanwhile',
  });
  expect((await call('POST', `${path}/approval`, { version: 3 })).body).toMatchObject({ state: 'approved' });
  expect((await call('DELETE', `${path}/approval?version=3`)).body).toMatchObject({ state: 'draft' });
  expect((await call('GET', '/drafts?publication=lantern')).body).toMatchObject({
    data: [{ id: idOf(made) }],
  });
  expect((await call('DELETE', `${path}?version=3`)).body).toMatchObject({ state: 'discarded' });
  expect((await call('DELETE', `${path}?version=3`)).status).toBe(409);
});

test('an email of its own is sent once; without words it is not', async () => {
  const made = await call('POST', '/drafts', { publication: 'lantern', subject: 'We move' });
  const path = `/drafts/${idOf(made)}`;
  expect((await call('POST', `${path}/digest`, { version: 1 })).body).toMatchObject({ code: 'draft-empty' });
  await call('PATCH', path, { version: 1, note: 'On **Friday**.' });
  const sent = await call('POST', `${path}/digest`, { version: 2 });
  expect(sent.status).toBe(201);
  expect((await call('POST', `${path}/digest`, { version: 2 })).status).toBe(409);
  expect((await call('GET', path)).body).toMatchObject({ state: 'used', digest: idOf(sent) });
  await testApp.runDueJobs();
  expect(testApp.smtp.messages.map(({ to }) => to)).toEqual(['ada@example.com']);
});

test('a digest that is not to come, too long a text and an unknown draft are refused', async () => {
  const past = { publication: 'lantern', cadence: 'daily', period: '2020-01-01' };
  expect((await call('POST', '/drafts', past)).body).toMatchObject({ code: 'no-such-period' });
  const long = { publication: 'lantern', note: 'x'.repeat(8001) };
  expect((await call('POST', '/drafts', long)).status).toBe(422);
  expect((await call('GET', '/drafts/00000000-0000-7000-8000-000000000000')).status).toBe(404);
});
