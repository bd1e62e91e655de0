import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { createToken } from '../../../src/operators/api-token.js';
import { DAY_MS } from '../../../src/platform/durations.js';
import { addReader } from '../../support/fixtures.js';
import { openTestApp, type TestApp } from '../../support/test-app.js';
import { idOf, openTestApi, type Call } from './client.js';

let testApp: TestApp;
let call: Call;
let token: string;

beforeAll(async () => {
  testApp = await openTestApp();
  const publication = await testApp.createPublication();
  await addReader(testApp, publication, 'ada@example.com', { cadence: 'weekly', locale: 'sw' });
  await addReader(testApp, publication, 'bo@example.com');
  call = await (await openTestApi(testApp)).program('read', 'write');
  token = (await createToken(testApp.context, { name: 'a program', scopes: ['read'] })).token;
});
afterAll(() => testApp.close());

const download = (url: string) => fetch(url, { headers: { authorization: `Bearer ${token}` } });

test('an export is asked for, read from where it says, and says how far it is', async () => {
  const made = await call('POST', '/exports', {
    publication: 'lantern',
    format: 'jsonl',
    passphrase: 'a lamp in the harbour',
  });
  expect([made.status, made.body]).toMatchObject([201, { state: 'ready', readers: 0, format: 'jsonl' }]);
  expect(JSON.stringify(made.body)).not.toContain('lamp');
  const { file } = made.body as { file: string };
  const answer = await download(file);
  expect(answer.headers.get('content-type')).toBe('application/jsonl; charset=utf-8');
  const lines = (await answer.text())
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as { type: string });
  expect(lines.map(({ type }) => type)).toEqual(['export', 'reader', 'reader', 'end']);
  expect(lines[0]).toMatchObject({ suppressionKey: { kdf: 'scrypt' } });
  const shown = await call('GET', `/exports/${idOf(made)}`);
  expect(shown.body).toMatchObject({ state: 'done', readers: 2, finishedAt: expect.any(String) });
});

test('filters hold, as a table too, and one that was asked for a day ago is gone', async () => {
  const made = await call('POST', '/exports', {
    publication: 'lantern',
    format: 'csv',
    cadence: 'weekly',
    locale: 'sw',
  });
  const { file } = made.body as { file: string };
  const lines = (await (await download(file)).text()).trimEnd().split('\r\n');
  expect(lines.slice(1)).toEqual([expect.stringMatching(/^"ada@example\.com"/)]);
  testApp.advanceClock(DAY_MS + 1);
  await call('POST', '/exports', { publication: 'lantern' });
  expect((await download(file)).status).toBe(404);
});
