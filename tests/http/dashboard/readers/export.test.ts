import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { openWithPassphrase, type PassphraseBox } from '../../../../src/platform/crypto/passphrase-box.js';
import { MINUTE_MS } from '../../../../src/platform/durations.js';
import { addReader } from '../../../support/fixtures.js';
import { addOperator, enterDashboard, mainText } from '../../../support/operator-session.js';
import { open, post } from '../../../support/reader-actions.js';
import { openTestApp, type TestApp } from '../../../support/test-app.js';

const PATH = '/operator/publications/lantern/readers/export';
let testApp: TestApp;
let owner: string;

beforeAll(async () => {
  testApp = await openTestApp();
  const publication = await testApp.createPublication();
  await addReader(testApp, publication, 'ada@example.com', { cadence: 'weekly' });
  await addReader(testApp, publication, '=cmd@example.com');
  owner = await enterDashboard(testApp, (await addOperator(testApp, 'own@lantern.example', 'owner')).id);
});
afterAll(() => testApp.close());

const send = (fields: Record<string, string>, cookie = owner) => post(testApp.url + PATH, fields, { cookie });

test('the page says how many readers there are, and takes the filters of the list along', async () => {
  const all = await (await open(testApp.url + PATH, { cookie: owner })).text();
  expect(mainText(all)).toContain('2 readers');
  const some = await (await open(`${testApp.url + PATH}?rhythm=weekly`, { cookie: owner })).text();
  expect(mainText(some)).toContain('1 reader');
  expect(some).toContain('name="rhythm" value="weekly"');
  expect(some).not.toContain('name="passphrase"');
});

test('a table and the whole of it are files of their own names', async () => {
  const csv = await send({ format: 'csv', rhythm: 'weekly' });
  expect(csv.headers.get('content-disposition')).toMatch(/filename=lantern-readers-[\d-]{10}\.csv$/);
  expect((await csv.text()).trimEnd().split('\r\n').slice(1)).toEqual([
    expect.stringMatching(/^"ada@example\.com","confirmed","weekly"/),
  ]);
  const jsonl = await send({ format: 'jsonl', passphrase: 'a lamp in the harbour' });
  expect(jsonl.headers.get('content-type')).toBe('application/jsonl; charset=utf-8');
  expect(jsonl.headers.get('content-disposition')).toMatch(/filename=lantern-readers-[\d-]{10}\.jsonl$/);
  const lines = (await jsonl.text())
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>);
  expect(lines.map(({ type }) => type)).toEqual(['export', 'reader', 'reader', 'end']);
  expect(lines.map(({ email }) => email)).toEqual(
    expect.arrayContaining(['ada@example.com', '=cmd@example.com']),
  );
  const box = lines[0]?.['suppressionKey'] as PassphraseBox;
  expect(await openWithPassphrase(box, 'a lamp in the harbour')).toHaveLength(32);
});

test('a short pass phrase exports nothing, and does not come back', async () => {
  const answer = await send({ format: 'jsonl', passphrase: 'short-one' });
  expect(answer.status).toBe(422);
  const page = await answer.text();
  expect(mainText(page)).toContain('Nothing was exported.');
  expect(page).not.toContain('short-one');
  expect(page).toMatch(/id="format-jsonl"[^>]* checked/);
});

test('it is an owner’s, who shows after ten minutes that it is she, also before the page', async () => {
  const editor = await enterDashboard(
    testApp,
    (await addOperator(testApp, 'ed@lantern.example', 'editor')).id,
  );
  expect((await open(testApp.url + PATH, { cookie: editor })).status).toBe(403);
  expect((await send({ format: 'csv' }, editor)).status).toBe(403);
  testApp.advanceClock(11 * MINUTE_MS);
  const page = await open(testApp.url + PATH, { cookie: owner });
  expect([page.status, page.headers.get('location')]).toEqual([
    303,
    `/operator/confirm?next=${encodeURIComponent(PATH)}`,
  ]);
  expect((await send({ format: 'csv' })).status).toBe(403);
});
