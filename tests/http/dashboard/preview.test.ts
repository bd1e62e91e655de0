import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import PostalMime from 'postal-mime';
import { sendOperatorDigest } from '../../../src/deliveries/plan/operator-digest.js';
import {
  MAX_TESTS_AN_HOUR,
  MAX_UNCONFIRMED_TESTS_AN_HOUR,
} from '../../../src/deliveries/preview/order-test.js';
import type { Role } from '../../../src/operators/operator.js';
import { HOUR_MS } from '../../../src/platform/durations.js';
import { sql } from '../../../src/platform/db/sql.js';
import type { Publication } from '../../../src/publications/publication.js';
import { addArticles, addReader, resetTestApp } from '../../support/fixtures.js';
import {
  addOperator,
  enterDashboard,
  newFormKey,
  readDashboardPage,
} from '../../support/operator-session.js';
import { open, post } from '../../support/reader-actions.js';
import { changedTables, dumpTables } from '../../support/table-dump.js';
import { openTestApp, type TestApp } from '../../support/test-app.js';

const DESK = '/operator/publications/lantern';
const DAILY = '/digests/coming/daily/preview';

let testApp: TestApp;
let publication: Publication;
let cookie: string;

beforeAll(async () => {
  testApp = await openTestApp();
});
afterAll(() => testApp.close());

beforeEach(async () => {
  await resetTestApp(testApp);
  publication = await testApp.createPublication({ defaultCadence: 'daily', signedBy: 'server' });
  cookie = await enterDashboard(testApp, (await account('editor')).id);
});

const account = (role: Role) => addOperator(testApp, `${role}@lantern.example`, role);

/** What a mail's HTML says, and where its links lead but for those that are a reader's own. */
function wordsOf(html: string): string {
  return html
    .replaceAll(/<style>.*?<\/style>|<base [^>]*>/gs, '')
    .replaceAll(/<a\s[^>]*href="([^"]*)"[^>]*>/gs, ' $1 ')
    .replaceAll(/<[^>]*>/g, ' ')
    .replaceAll(/(unsubscribe|manage)\/[\w-]+/g, '$1/x')
    .replaceAll(/&#(\d+);/g, (_, code: string) => String.fromCodePoint(Number(code)))
    .replaceAll(/\s+/g, ' ')
    .trim();
}

const words = (path: string, as = cookie) => readDashboardPage(testApp, `/publications/lantern${path}`, as);
const get = (path: string, as = cookie) => open(`${testApp.url}${DESK}${path}`, { cookie: as });
const press = (path: string, fields: Record<string, string>, as = cookie) =>
  post(`${testApp.url}${DESK}${path}`, fields, { cookie: as });
const image = 'https://lantern.example/boat.png';

test('the next digest is shown as it would be, in a frame that runs nothing, in both themes, and without pictures', async () => {
  await addReader(testApp, publication, 'ada@example.com', { watermark: 0 });
  const content = `<p>Calm.<script>alert(1)</script><img src="${image}" onerror="alert(1)"></p>`;
  await addArticles(testApp, publication, {
    title: 'High <b>water</b>',
    url: 'https://lantern.example/1',
    image,
    content,
  });
  const before = await dumpTables(testApp.context.db, ['rate_limits', 'operator_sessions']);
  const html = await (await get(DAILY)).text();
  expect(html).toContain('<h1>High &lt;b&gt;water&lt;/b&gt;</h1>');
  expect(html).toMatch(
    /<iframe [^>]*sandbox="allow-popups allow-popups-to-escape-sandbox" src="[^"]*\/coming\/daily\/preview\/mail"/,
  );

  const frame = await get(`${DAILY}/mail`);
  expect(frame.headers.get('content-security-policy')).toMatch(
    /^sandbox allow-popups allow-popups-to-escape-sandbox; default-src 'none'; img-src https: data: 'self'; /,
  );
  expect(frame.headers.get('x-frame-options')).toBe('SAMEORIGIN');
  const light = await frame.text();
  expect(light).not.toMatch(/<script|onerror/);
  expect(light).toContain('(max-width:0)');
  expect(light).toContain(`src="${image}"`);
  expect(await (await get(`${DAILY}/mail?theme=dark`)).text()).toContain('(min-width:0)');
  const bare = await get(`${DAILY}/mail?pictures=off`);
  expect(bare.headers.get('content-security-policy')).toContain("img-src 'none'");
  expect(await bare.text()).not.toContain(image);
  expect(
    changedTables(before, await dumpTables(testApp.context.db, ['rate_limits', 'operator_sessions'])),
  ).toEqual([]);
});

test('what is chosen stays chosen in the links to the other ways to look', async () => {
  await addArticles(testApp, publication, 'Harbour');
  const html = await (await get(`${DAILY}?theme=dark&language=sw`)).text();
  expect(html).toContain(`${DAILY}?width=phone&amp;theme=dark&amp;language=sw"`);
  expect(html).toContain(`${DAILY}/mail?theme=dark&amp;language=sw"`);
  expect(html).toMatch(/aria-current="true">Dark<[\s\S]*aria-current="true">Swahili</);
  expect(await words(`${DAILY}?view=text&language=sw`)).toContain('Jiondoe');
  for (const odd of [
    '?view=x',
    '?theme[]=dark',
    '?language=<b>',
    '?reader=1',
    `?language=${'a'.repeat(500)}`,
  ])
    expect([odd, (await get(DAILY + odd)).status]).toEqual([odd, 200]);
});

test('its source has the headers of a real mail, whose links to leave are nobody’s', async () => {
  const reader = await addReader(testApp, publication, 'ada@example.com', { watermark: 0 });
  await addArticles(testApp, publication, 'Harbour');
  const source = await words(`${DAILY}?view=source&reader=${reader.id}`);
  expect(source).toMatch(/List-Unsubscribe: &lt;http[^&]+\/unsubscribe\/[\w-]+&gt;/);
  expect(source).toContain('List-Unsubscribe-Post: List-Unsubscribe=One-Click');
  expect(source).toContain('To: ada@example.com');
  const link = /&lt;(http[^&]+\/unsubscribe\/[\w-]+)&gt;/.exec(source)?.[1] ?? '';
  expect((await post(link, { 'List-Unsubscribe': 'One-Click' })).status).toBe(404);
  expect(await testApp.context.db.many(sql`select status from subscriptions`)).toEqual([
    { status: 'confirmed' },
  ]);
});

test('a reader is found by her whole address, never in the URL, and what she gets is shown in her language', async () => {
  const reader = await addReader(testApp, publication, 'ada@example.com', { watermark: 1, locale: 'sw' });
  await addReader(testApp, publication, 'bea@example.com', { watermark: 0 });
  await addArticles(testApp, publication, 'Harbour', 'Storm');
  const found = await press(`${DAILY}/reader?theme=dark`, { address: ' ADA@example.com ' });
  expect(found.headers.get('location')).toBe(`${DESK}${DAILY}?theme=dark&reader=${reader.id}`);
  const shown = await words(`${DAILY}?reader=${reader.id}`);
  expect(shown).toMatch(/^ .*Storm As the next one would be.* As ada@example.com sees it/);
  expect(await words(`${DAILY}?reader=${reader.id}&view=text`)).toContain('Jiondoe');

  for (const [address, mistake] of [
    ['nobody@example.com', 'This newsletter has no reader with that address.'],
    ['ada', 'Type a whole address, like ada@example.com.'],
  ] as const) {
    const answer = await press(`${DAILY}/reader`, { address });
    expect(answer.status).toBe(422);
    const html = await answer.text();
    expect(html).toContain(mistake);
    expect(html).toContain(`value="${address}"`);
  }
});

test('a viewer sees no address, neither on the page nor in the mail', async () => {
  const reader = await addReader(testApp, publication, 'ada@example.com', { watermark: 0 });
  await addArticles(testApp, publication, 'Harbour');
  const viewer = await enterDashboard(testApp, (await account('viewer')).id);
  for (const path of ['', '/mail', '?view=source', '?view=text']) {
    const [page, query = ''] = path.split('?');
    const html = await (await get(`${DAILY}${page}?${query}&reader=${reader.id}`, viewer)).text();
    expect([path, html.includes('ada@'), html.includes('example.com')]).toEqual([path, false, true]);
  }
  expect((await press(`${DAILY}/test`, newFormKey(), viewer)).status).toBe(403);
  expect((await press(`${DAILY}/links`, {}, viewer)).status).toBe(403);
});

test('readers and digests of another newsletter are not found', async () => {
  const other = await testApp.createPublication({ slug: 'tide' });
  const stranger = await addReader(testApp, other, 'eve@example.com');
  await addArticles(testApp, other, 'Elsewhere');
  const sent = await sendOperatorDigest(testApp.context, other.id, {
    articleIds: [],
    subject: 'x',
    note: 'y',
  });
  if (sent.kind !== 'sending') throw new Error('Nothing was sent');
  for (const path of [
    `${DAILY}?reader=${stranger.id}`,
    `${DAILY}/mail?reader=${stranger.id}`,
    `/digests/${sent.digestId}/preview`,
    `/digests/${sent.digestId}/preview/mail`,
    '/digests/coming/yearly/preview',
  ])
    expect([path, (await get(path)).status]).toEqual([path, 404]);
  const answer = await press(`${DAILY}/reader`, { address: 'eve@example.com' });
  expect(await answer.text()).toContain('This newsletter has no reader with that address.');
});

test('a digest is shown as it was sent, and as this reader got it', async () => {
  const ada = await addReader(testApp, publication, 'ada@example.com', { watermark: 0 });
  const bea = await addReader(testApp, publication, 'bea@example.com', { watermark: 1 });
  const late = await addReader(testApp, publication, 'late@example.com', { watermark: 2 });
  await addArticles(testApp, publication, 'Harbour', 'Storm');
  const sent = await sendOperatorDigest(testApp.context, publication.id, { note: 'Hello, **all**.' });
  if (sent.kind !== 'sending') throw new Error('Nothing was sent');
  const path = `/digests/${sent.digestId}/preview`;
  expect(await words(path)).toContain('As it would be sent now.');
  expect(await words(`/digests/${sent.digestId}`)).toContain('Subject: Harbour');
  await testApp.runDueJobs();
  const [mail] = testApp.smtp.messages.filter(({ to }) => to === 'bea@example.com');
  const html = await (await get(`${path}/mail?reader=${bea.id}`)).text();
  const parsed = await PostalMime.parse(mail?.raw ?? '');
  expect(wordsOf(html)).toBe(wordsOf(parsed.html ?? ''));
  expect(await words(`${path}?reader=${ada.id}`)).toMatch(/Harbour.*As it was sent\./);
  expect(await words(`${path}?reader=${late.id}`)).toContain('She is not among its readers.');
});

test('while nothing is new the latest articles stand in, and a reader who gets nothing is told why', async () => {
  const [id = ''] = await addArticles(testApp, publication, 'Harbour');
  expect(await words(DAILY)).toContain('Nothing is new: the latest articles show what it looks like.');
  expect(await words('/digests/coming/instant/preview')).toContain('Harbour');
  const reader = await addReader(testApp, publication, 'ada@example.com', { watermark: 1 });
  expect(await words(`${DAILY}?reader=${reader.id}`)).toContain(
    'Nothing was released since article number 1, her last.',
  );
  expect(id).not.toBe('');
});

test('a test goes to who asked, with the headers of the real mail, marked, counted nowhere, and once', async () => {
  await addReader(testApp, publication, 'ada@example.com', { watermark: 0 });
  await addArticles(testApp, publication, 'Harbour');
  await testApp.context.db.run(sql`delete from outbox`);
  const form = newFormKey();
  const answers = [
    await press(`${DAILY}/test?language=sw`, form),
    await press(`${DAILY}/test?language=sw`, form),
  ];
  expect(answers.map(({ headers }) => headers.get('location'))).toEqual(
    Array(2).fill(`${DESK}${DAILY}?language=sw&done=test`),
  );
  expect(await testApp.runDueJobs()).toEqual(['send-test']);
  const [message, ...others] = testApp.smtp.messages;
  expect([message?.to, message?.from, others.length]).toEqual([
    'editor@lantern.example',
    'news@lantern.example',
    0,
  ]);
  const mail = await PostalMime.parse(message?.raw ?? '');
  expect(mail.subject).toBe('[Test] Harbour');
  expect(mail.html).toContain('This is a test: no reader gets it.');
  expect(mail.text).toContain('This is a test: no reader gets it.');
  const names = mail.headers.map(({ key }) => key);
  for (const name of ['list-id', 'list-unsubscribe', 'list-unsubscribe-post', 'list-archive', 'feedback-id'])
    expect(names).toContain(name);
  expect(await testApp.context.db.many(sql`select from deliveries union all select from notices`)).toEqual(
    [],
  );
  expect(await words(`${DAILY}?done=test`)).toMatch(
    /Your test was accepted by the mail server at \d\d:\d\d \(East Africa Time\)\. No reader got it/,
  );
});

test('a test that the mail server refuses says so in the server’s words, and is not tried again', async () => {
  await addArticles(testApp, publication, 'Harbour');
  testApp.smtp.setScript((stage) => (stage === 'rcpt' ? '451 4.7.1 Greylisted, come back' : undefined));
  await press(`${DAILY}/test`, newFormKey());
  await testApp.runDueJobs();
  testApp.smtp.setScript(() => undefined);
  expect(await words(DAILY)).toMatch(/Your test was not sent.*451 4\.7\.1 Greylisted, come back/);
  testApp.advanceClock(HOUR_MS / 2);
  await testApp.runDueJobs();
  expect(testApp.smtp.messages).toEqual([]);
});

test('nobody sends herself more than so many tests in an hour, and a link for nobody sends none', async () => {
  await addArticles(testApp, publication, 'Harbour');
  const sendTests = async (most: number) => {
    for (let count = 0; count < most; count++) await press(`${DAILY}/test`, newFormKey());
  };
  await sendTests(MAX_UNCONFIRMED_TESTS_AN_HOUR);
  const early = await press(`${DAILY}/test`, newFormKey());
  expect(early.headers.get('location')).toContain('done=test-too-many');
  await testApp.context.db.run(sql`update operators set email_confirmed_at = now()`);
  await sendTests(MAX_TESTS_AN_HOUR - MAX_UNCONFIRMED_TESTS_AN_HOUR);
  const last = await press(`${DAILY}/test`, newFormKey());
  expect(last.headers.get('location')).toContain('done=test-too-many');
  expect(await testApp.context.db.many(sql`select from test_mails`)).toHaveLength(MAX_TESTS_AN_HOUR);
  testApp.advanceClock(HOUR_MS);
  expect((await press(`${DAILY}/test`, newFormKey())).headers.get('location')).toContain('done=test');
  const nobody = await enterDashboard(testApp, null);
  expect((await press(`${DAILY}/test`, newFormKey(), nobody)).headers.get('location')).toContain(
    'done=test-nobody',
  );
  expect((await press(`${DAILY}/test`, {})).headers.get('location')).toContain('done=no-key');
});

test('a test goes also to another operator whose address is confirmed, and to nobody else', async () => {
  await addArticles(testApp, publication, 'Harbour');
  const { db } = testApp.context;
  const viewer = await account('viewer');
  const form = () => ({ ...newFormKey(), to: viewer.id });
  expect((await press(`${DAILY}/test`, form())).headers.get('location')).toContain(
    'done=test-unknown-recipient',
  );
  await db.run(sql`update operators set email_confirmed_at = now() where id = ${viewer.id}`);
  expect(await words(DAILY)).toContain('editor@lantern.example (you)');
  expect((await press(`${DAILY}/test`, form())).headers.get('location')).toContain('done=test');
  await testApp.runDueJobs();
  expect(testApp.smtp.messages.map(({ to }) => to)).toEqual(['viewer@lantern.example']);
  await db.run(sql`delete from operator_roles where operator_id = ${viewer.id}`);
  expect((await press(`${DAILY}/test`, form())).headers.get('location')).toContain(
    'done=test-unknown-recipient',
  );
  const someone = { ...newFormKey(), to: 'someone@example.com' };
  expect((await press(`${DAILY}/test`, someone)).headers.get('location')).toContain(
    'done=test-unknown-recipient',
  );
});

test('as which kind of reader it is looked at can be chosen: format, topic, and the lists of a planned digest', async () => {
  await testApp.context.db.run(sql`update publications set topics = '{Sea,Land}'`);
  await addReader(testApp, publication, 'ada@example.com', { watermark: 0 });
  await addReader(testApp, publication, 'amani@example.com', { watermark: 1, locale: 'sw' });
  const told = (title: string, category: string) => ({
    title,
    content: `<p>${title}, at length. <img src="${image}" alt="A boat"></p>`,
    categories: [category],
  });
  await addArticles(testApp, publication, told('Storm', 'Sea'), told('Harvest', 'Land'));
  const mail = async (query: string) => (await get(`${DAILY}/mail?${query}`)).text();
  expect(await mail('format=full')).toContain('Storm, at length.');
  expect(await mail('format=full')).toContain(image);
  expect(await mail('format=without-pictures')).not.toContain(image);
  expect(await mail('topic=Land')).not.toContain('Storm');
  expect(await mail('topic=Land')).toContain('Harvest');
  const sent = await sendOperatorDigest(testApp.context, publication.id, {});
  if (sent.kind !== 'sending') throw new Error('Nothing was sent');
  await testApp.runDueJobs();
  const path = `/digests/${sent.digestId}/preview`;
  expect(await words(path)).toMatch(/List English, 2 articles Swahili, 1 article/);
  const list = await testApp.context.db.one<{ id: string }>(sql`select id from variants where locale = 'sw'`);
  const shown = await words(`${path}?list=${list.id}&view=text`);
  expect(shown).toContain('Jiondoe');
  expect(shown).not.toContain('Storm');
});
