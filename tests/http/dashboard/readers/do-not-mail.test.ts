import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { sql } from '../../../../src/platform/db/sql.js';
import { DAY_MS } from '../../../../src/platform/durations.js';
import type { Publication } from '../../../../src/publications/publication.js';
import { insertSuppression } from '../../../../src/subscribers/suppression/writes.js';
import { addReader, resetTestApp } from '../../../support/fixtures.js';
import { addOperator, enterDashboard, mainText } from '../../../support/operator-session.js';
import { open, post } from '../../../support/reader-actions.js';
import { openTestApp, type TestApp } from '../../../support/test-app.js';

let testApp: TestApp;
let publication: Publication;
let cookies: { administrator: string; editor: string; viewer: string };

beforeAll(async () => {
  testApp = await openTestApp();
});
beforeEach(async () => {
  await resetTestApp(testApp);
  publication = await testApp.createPublication();
  const enter = async (name: string, role: 'administrator' | 'editor' | 'viewer') =>
    enterDashboard(testApp, (await addOperator(testApp, `${name}@lantern.example`, role)).id);
  cookies = {
    administrator: await enter('boss', 'administrator'),
    editor: await enter('edits', 'editor'),
    viewer: await enter('looks', 'viewer'),
  };
});
afterAll(() => testApp.close());

const LIST = '/operator/publications/lantern/readers/do-not-mail';

const at = (path: string) =>
  path.startsWith('/operator') ? testApp.url + path : `${testApp.url}${LIST}${path}`;
const words = async (path = '?', cookie = cookies.editor) =>
  mainText(await (await open(at(path), { cookie })).text());
const send = (path: string, fields: Record<string, string>, cookie = cookies.editor) =>
  post(at(path), fields, { cookie });
const leadsTo = (answer: Response) => {
  expect(answer.status).toBe(303);
  return (answer.headers.get('location') ?? '').replace(testApp.url, '');
};

async function suppress(email: string, reason: Parameters<typeof insertSuppression>[3], everywhere = false) {
  const { db, hashAddress, now } = testApp.context;
  const owner = everywhere ? null : publication.id;
  const made = await db.transaction((tx) => insertSuppression(tx, hashAddress(email), owner, reason, now()));
  return made?.id ?? '';
}

test('an address is added with a reason, is named where a reader has it, and is lifted with a reason', async () => {
  const reader = await addReader(testApp, publication, 'ada@harbour.example');
  expect(await words()).toContain('Nobody. Bounced and blocked addresses appear here by themselves.');
  const without = await send('', { what: 'ada@harbour.example', note: ' ' });
  expect([without.status, mainText(await without.text())]).toEqual([422, expect.stringContaining('Say why')]);
  expect(leadsTo(await send('', { what: 'Ada@Harbour.example', note: 'asked by telephone' }))).toBe(
    `${LIST}?done=suppressed`,
  );
  expect(leadsTo(await send('', { what: 'ada@harbour.example', note: 'once more' }))).toContain(
    'already-suppressed',
  );
  await send('', { what: 'stranger@harbour.example', note: 'asked by letter' });
  const page = await words();
  expect(page).toContain('ada@harbour.example An operator put it there asked by telephone');
  expect(page).toMatch(/An address with fingerprint [0-9a-f]{12} An operator put it there asked by letter/);
  expect(page).not.toContain('stranger@');
  expect(await words('?', cookies.viewer)).not.toContain('ada@');
  const readerPage = await (
    await open(at(`/operator/publications/lantern/readers/${reader.id}`), { cookie: cookies.editor })
  ).text();
  const [, entry = ''] = /href="([^"]+)">Lift from Do not mail/.exec(readerPage) ?? [];
  expect((await send(`${entry}/lift`, { note: '' })).status).toBe(422);
  expect((await send(`${entry}/lift`, { note: 'she asked' }, cookies.viewer)).status).toBe(403);
  expect(leadsTo(await send(`${entry}/lift`, { note: 'she asked' }))).toContain(
    `/readers/${reader.id}?done=lifted`,
  );
  expect((await open(at(entry), { cookie: cookies.editor })).status).toBe(404);
  const history = await words('/operator/publications/lantern/settings/history');
  expect(history).toContain('took an address off “Do not mail”: “she asked”.');
});

test('a domain is suppressed after the exact number of its readers was named', async () => {
  for (const email of ['a@trap.example', 'b@trap.example']) await addReader(testApp, publication, email);
  await addReader(testApp, publication, 'c@trap.example', { status: 'unsubscribed' });
  const typed = { what: '@Trap.example', note: 'spam traps' };
  const bare = await send('', { ...typed, what: 'trap.example' });
  expect([bare.status, mainText(await bare.text())]).toEqual([422, expect.stringContaining('behind an @')]);
  const asked = await send('', typed);
  expect([asked.status, mainText(await asked.text())]).toEqual([
    200,
    expect.stringContaining('2 readers there read this newsletter now.'),
  ]);
  expect(await testApp.context.db.many(sql`select from suppressions`)).toEqual([]);
  expect(leadsTo(await send('', { ...typed, sure: 'yes' }))).toContain('done=suppressed');
  expect(await words()).toContain('Everybody at trap.example An operator put it there spam traps');
  const add = await send('/operator/publications/lantern/readers', { email: 'new@trap.example' });
  expect([add.status, mainText(await add.text())]).toEqual([
    422,
    expect.stringMatching(/on Do not mail|takes no mail/),
  ]);
});

test.each([
  ['bounced', true, 'editor', 303],
  ['complained', false, 'editor', 303],
  ['complained', true, 'editor', 409],
  ['complained', true, 'administrator', 303],
  ['operator', true, 'editor', 409],
  ['operator', true, 'administrator', 303],
  ['never', false, 'editor', 409],
  ['never', false, 'administrator', 409],
  ['erased', false, 'administrator', 409],
] as const)(
  'what is %s (for all newsletters: %s) is lifted by an %s: %i',
  async (reason, everywhere, who, status) => {
    const id = await suppress('ada@harbour.example', reason, everywhere);
    expect((await send(`/${id}/lift`, { note: 'she asked' }, cookies[who])).status).toBe(status);
    const left = await testApp.context.db.many(sql`select from suppressions`);
    expect(left).toHaveLength(status === 303 ? 0 : 1);
  },
);

test('what she asked for herself can be lifted by an operator after a day, and by nobody else before', async () => {
  const id = await suppress('ada@harbour.example', 'never');
  expect(await words(`/${id}`)).toContain('only she can take it back');
  testApp.advanceClock(DAY_MS);
  const editor = await enterDashboard(
    testApp,
    (await addOperator(testApp, 'later@lantern.example', 'editor')).id,
  );
  expect(leadsTo(await send(`/${id}/lift`, { note: 'she asked' }, editor))).toContain('done=lifted');
});

test('pages follow each other, and the filters leave out what does not fit', async () => {
  for (let at = 0; at < 60; at++)
    await suppress(`r${at}@harbour.example`, at % 2 === 0 ? 'bounced' : 'complained', at % 3 === 0);
  const rows = async (query: string) => {
    const html = await (await open(at(query), { cookie: cookies.editor })).text();
    return { ids: [...html.matchAll(/do-not-mail\/([0-9a-f-]{36})"/g)].map(([, id]) => id), html };
  };
  const first = await rows('');
  const [, next = ''] = /href="[^"]*(\?[^"]*before=[^"]+)">Older/.exec(first.html) ?? [];
  const second = await rows(next.replaceAll('&amp;', '&'));
  expect([first.ids.length, second.ids.length]).toEqual([50, 10]);
  expect(new Set([...first.ids, ...second.ids]).size).toBe(60);
  expect((await rows('?reason=bounced')).ids).toHaveLength(30);
  expect((await rows('?reason=bounced&scope=everywhere')).ids).toHaveLength(10);
  expect((await rows('?source=report')).ids).toHaveLength(30);
  expect((await rows('?source=file')).ids).toHaveLength(0);
});

/** @param content of the file; undefined: no file was chosen */
function upload(fields: Record<string, string>, content: string | undefined, cookie = cookies.editor) {
  const form = new FormData();
  for (const [name, value] of Object.entries(fields)) form.append(name, value);
  if (content !== undefined) form.append('file', new Blob([content], { type: 'text/csv' }), 'left.csv');
  return fetch(at('/files'), {
    method: 'POST',
    redirect: 'manual',
    body: form,
    headers: { accept: 'text/html', cookie },
  });
}

test('a file is read and counted, added only when its button is pressed, and once', async () => {
  await suppress('there@harbour.example', 'operator');
  const lines = Array.from({ length: 5000 }, (_, at) => `r${at}@harbour.example`);
  const content = ['email', ...lines, 'there@harbour.example', '@trap.example', 'nobody', ''].join('\n');
  expect((await upload({}, content)).status).toBe(422);
  expect((await upload({ note: 'old list' }, undefined)).status).toBe(422);
  expect((await upload({ note: 'old list', scope: 'everywhere' }, content)).status).toBe(403);
  expect((await post(at('/files'), { note: 'old list' }, { cookie: cookies.editor })).status).toBe(400);
  const path = leadsTo(await upload({ note: 'old list' }, content));
  const ready = await words(path);
  expect(ready).toContain('Do not mail 5,001 new ones');
  expect(ready).toContain('Line 5,004: There is no address in it.');
  const count = () => testApp.context.db.one(sql`select count(*)::integer as count from suppressions`);
  expect(await count()).toEqual({ count: 1 });
  expect(leadsTo(await send(`${path}/start`, {}))).toBe(path);
  expect(leadsTo(await send(`${path}/start`, {}))).toContain('done=not-ready');
  await testApp.runDueJobs();
  expect(await count()).toEqual({ count: 5002 });
  expect(await words(path)).toContain('Done: 5,001 added, 1 was here already.');
  const again = leadsTo(await upload({ note: 'old list' }, content));
  expect(await words(again)).toContain('There is nothing new in it.');
  const csv = await open(at(`${path}/mistakes.csv`), { cookie: cookies.editor });
  expect(await csv.text()).toContain('"5004","There is no address in it"');
});

test('the list is taken out as a file that spreadsheets take for text, and can be put in again', async () => {
  await addReader(testApp, publication, '+tag@harbour.example');
  for (const what of ['+tag@harbour.example', '@trap.example'])
    await send('', { what, note: '=1+1', sure: 'yes' });
  expect((await send('/export.csv', {})).status).toBe(403);
  const answer = await send('/export.csv', {}, cookies.administrator);
  const csv = await answer.text();
  expect(csv).toContain(`"'+tag@harbour.example"`);
  expect(csv).toContain(`"'@trap.example"`);
  expect(csv).toContain(`"'=1+1"`);
  const path = leadsTo(await upload({ note: 'back', scope: 'everywhere' }, csv, cookies.administrator));
  expect(await words(path, cookies.administrator)).toContain('Do not mail 2 new ones');
});
