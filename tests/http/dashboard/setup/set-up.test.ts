import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { updatePublication } from '../../../../src/publications/change-publication.js';
import { findPublication, findPublicationBySlug } from '../../../../src/publications/reads.js';
import type { Publication } from '../../../../src/publications/publication.js';
import { describePlan } from '../../../support/deliveries.js';
import { startFeedServer, type FeedServer } from '../../../support/feed-server.js';
import { addArticles, addReader, resetTestApp } from '../../../support/fixtures.js';
import { findForm } from '../../../support/html-form.js';
import {
  addOperator,
  enterDashboard,
  newFormKey,
  readDashboardPage,
} from '../../../support/operator-session.js';
import { open, post } from '../../../support/reader-actions.js';
import { openTestApp, type TestApp } from '../../../support/test-app.js';

const PATH = '/operator/publications/lantern/set-up';
const NEW = '/operator/publications/new';

let testApp: TestApp;
let site: FeedServer;
let publication: Publication;
let cookie: string;

beforeAll(async () => {
  testApp = await openTestApp();
  site = await startFeedServer();
});

afterAll(async () => {
  await testApp.close();
  await site.close();
});

beforeEach(async () => {
  await resetTestApp(testApp);
  site.articles.length = 0;
  publication = await testApp.createPublication({}, { isLive: false });
  cookie = await enterDashboard(testApp);
});

const words = (path = '/set-up') => readDashboardPage(testApp, `/publications/lantern${path}`, cookie);
const html = async () => (await open(testApp.url + PATH, { cookie })).text();
const send = (path: string, fields: Record<string, string> = {}) =>
  post(testApp.url + PATH + path, fields, { cookie });
const isLive = async () => (await findPublication(testApp.context.db, publication.id))?.liveAt !== null;

test('an administrator makes a newsletter, which is not live and leads to its set-up', async () => {
  const { fields } = findForm(await (await open(testApp.url + NEW, { cookie })).text(), '/new');
  expect(fields).toMatchObject({ locale: 'en', timezone: 'UTC', name: '' });
  const typed = { ...fields, name: 'Café Tides', siteUrl: 'tides.example', timezone: 'Africa/Nairobi' };
  const wrong = await post(testApp.url + NEW, { ...typed, fromAddress: 'news' }, { cookie });
  expect(wrong.status).toBe(422);
  const again = await wrong.text();
  expect(again).toContain('Address that mail comes from is not an e-mail address.');
  const kept = findForm(again, '/new').fields;
  expect(kept).toMatchObject({ name: 'Café Tides', siteUrl: 'https://tides.example', fromAddress: 'news' });
  const made = await post(testApp.url + NEW, { ...kept, fromAddress: 'news@tides.example' }, { cookie });
  expect(made.headers.get('location')).toBe('/operator/publications/cafe-tides/set-up?done=created');
  expect(await findPublicationBySlug(testApp.context.db, 'cafe-tides')).toMatchObject({
    ...{ name: 'Café Tides', fromName: 'Café Tides', fromAddress: 'news@tides.example', liveAt: null },
    ...{ siteUrl: 'https://tides.example', timezone: 'Africa/Nairobi', locale: 'en' },
  });
  const taken = await post(testApp.url + NEW, { ...typed, fromAddress: 'a@b.example' }, { cookie });
  expect(await taken.text()).toContain('There is a publication &#34;cafe-tides&#34; already.');
  const nobody = await post(testApp.url + NEW, {}, { cookie });
  expect([nobody.status, (await nobody.text()).includes('Name is empty.')]).toEqual([422, true]);
});

test('who has no newsletter yet is led to making one, or told who can help; administrators are led there from everywhere', async () => {
  const link = 'href="/operator/publications/new"';
  expect(await html()).toContain(link);
  await resetTestApp(testApp);
  const page = async (session: string) => (await open(`${testApp.url}/operator`, { cookie: session })).text();
  expect(await page(await enterDashboard(testApp))).toMatch(
    new RegExp(`No newsletter yet.*Make the first.*${link}`, 's'),
  );
  const { id } = await addOperator(testApp, 'e@lantern.example', 'editor');
  const ofNone = await page(await enterDashboard(testApp, id));
  expect(ofNone).toContain('You have a role at none. An owner of the newsletter');
  expect(ofNone).not.toContain(link);
});

test('only who administers the server makes newsletters, and “new” is no name of one', async () => {
  const editor = await addOperator(testApp, 'e@lantern.example', 'editor');
  const session = await enterDashboard(testApp, editor?.id);
  const asEditor = { cookie: session };
  expect((await open(testApp.url + NEW, asEditor)).status).toBe(403);
  expect((await post(testApp.url + NEW, { name: 'Mine' }, asEditor)).status).toBe(403);
  const answer = await post(testApp.url + NEW, { name: 'New' }, { cookie });
  expect(await answer.text()).toContain('Name in addresses is one of our own routes; choose another.');
});

test('Home of one that is not live shows the five steps, and each is done when it is proved', async () => {
  expect(await words('')).toContain('The Lantern is not live yet');
  let said = await words();
  expect(said).toMatch(
    /Site and feed Not done.*Sender, postal address and DNS Done.*The form on a page of your site Not done/,
  );
  const { fields } = findForm(await html(), '/settings/feeds/check');
  expect(fields).toEqual({ url: 'https://lantern.example/', back: 'set-up' });

  site.articles.push({ id: '1', title: 'The ferry', text: '<p>It whispers.</p>' });
  const check = `${testApp.url}/operator/publications/lantern/settings/feeds/check`;
  const looked = await post(check, { ...fields, url: site.url }, { cookie });
  const follow = findForm(await looked.text(), '/settings/feeds');
  const followed = await post(testApp.url + follow.action, follow.fields, { cookie });
  expect(followed.headers.get('location')).toBe(`${PATH}?done=followed`);
  await testApp.runDueJobs();
  said = await words('/set-up?done=followed');
  expect(said).toContain('The feed is followed from now on');
  expect(said).toMatch(/Site and feed Done The Paper.*Newest: The ferry/);

  await updatePublication(testApp.context, publication.id, { postalAddress: null });
  expect(await words()).toContain('Sender, postal address and DNS Not done');
});

test('the form is looked for on the page that is named, in each of its shapes', async () => {
  const snippets = await (await open(`${testApp.url}/embed/lantern`)).text();
  const codes = [...snippets.matchAll(/<textarea id="code-(\w+)"[^>]*>(.*?)<\/textarea>/gs)].map(
    ([, kind = '', code = '']): [string, string] => [kind, unescapeHtml(code)],
  );
  const other = await testApp.createPublication({ slug: 'tides', name: 'Tides' });
  const cases: [string, string, RegExp][] = [
    ...codes
      .filter(([kind]) => kind !== 'wordpress')
      .map(([kind, code]): [string, string, RegExp] => [
        kind,
        code,
        /Done .*The form is there, (by the script tag|as HTML)\./,
      ]),
    ['loader', `<script>import("${testApp.url}/embed/lantern.js")</script>`, /by the script tag/],
    ['lazy', `<script data-src="${testApp.url}/embed/lantern.js"></script>`, /by the script tag/],
    [
      'link',
      `<a href="${testApp.url}/lantern">Subscribe</a>`,
      /There is a link to the sign-up page on it, and no form\./,
    ],
    ['other', `<form action="${testApp.url}/${other.slug}/subscriptions"></form>`, /for another newsletter/],
    [
      'none',
      '<title>About &amp; us</title><p>Hello',
      /The page “About &amp; us” was read, and the form is not in it/,
    ],
  ];
  expect(cases.map(([kind]) => kind)).toContain('pinned');
  for (const [kind, body, sentence] of cases) {
    site.setResponse('/about', { status: 200, headers: { 'content-type': 'text/html' }, body });
    const looked = await send('/form', { url: `${site.origin}/about` });
    expect([kind, looked.headers.get('location')]).toEqual([kind, `${PATH}?done=looked#step-form`]);
    expect([kind, await words()]).toEqual([kind, expect.stringMatching(sentence)]);
  }
  await send('/form', { url: `${testApp.url}/lantern` });
  expect(await words()).toContain('This is the sign-up page here, and it works.');
});

test('the page of a form under an earlier name of the newsletter counts', async () => {
  await updatePublication(testApp.context, publication.id, { slug: 'lamp' });
  site.setResponse('/about', {
    status: 200,
    body: `<script src="${testApp.url}/embed/lantern.js"></script>`,
  });
  await send('/form', { url: `${site.origin}/about` });
  expect(await words()).toContain('The form is there, by the script tag.');
});

test('a page that cannot be read, or may not be fetched, is told with the reason, and nothing proved is lost', async () => {
  const cases: [string, RegExp][] = [
    [`${site.origin}/none`, /has nothing at this address \(status 404\)/],
    ['http://169.254.169.254/latest/meta-data', /points inside your network/],
    ['file:///etc/passwd', /Only http and https addresses can be fetched/],
  ];
  for (const [url, reason] of cases) {
    await send('/form', { url });
    expect([url, await words()]).toEqual([url, expect.stringMatching(reason)]);
  }
  site.setResponse('/shut', { status: 403, body: 'no' });
  await send('/form', { url: `${site.origin}/shut` });
  expect(await words()).toContain('took us for a bot and did not show the page');
  const empty = await send('/form', { url: '"><b>' });
  expect(empty.status).toBe(422);
  expect(await empty.text()).toContain('Enter the address of a page of your site');
});

test('a test to yourself is proved by the mail server that takes it, until the sender is another', async () => {
  const editor = await addOperator(testApp, 'e@lantern.example', 'editor');
  const session = await enterDashboard(testApp, editor.id);
  const read = (query = '') => readDashboardPage(testApp, `/publications/lantern/set-up${query}`, session);
  const page = await (await open(testApp.url + PATH, { cookie: session })).text();
  const { action, fields } = findForm(page, '/preview/test');
  testApp.smtp.setScript((stage) => (stage === 'rcpt' ? '550 5.7.1 Not from here' : undefined));
  const asked = await post(testApp.url + action, fields, { cookie: session });
  expect(asked.headers.get('location')).toBe(`${PATH}?done=test`);
  expect(await read('?done=test')).toMatch(/What became of it stands in step 4.*still waits for a worker/);
  await testApp.runDueJobs();
  expect(await read()).toMatch(
    /A test to yourself Not done.*Your test was not sent.*550 5\.7\.1 Not from here/,
  );
  testApp.smtp.setScript(() => undefined);
  await post(testApp.url + action, { ...fields, ...newFormKey() }, { cookie: session });
  await testApp.runDueJobs();
  expect(testApp.smtp.messages.map(({ to }) => to)).toEqual(['e@lantern.example']);
  expect(await read()).toMatch(/A test to yourself Done.*Your test was accepted by the mail server/);
  expect(await words()).toContain('A mail server took a test in the name of news@lantern.example.');
  await updatePublication(testApp.context, publication.id, { fromAddress: 'post@lantern.example' });
  expect(await read()).toContain('A test to yourself Not done');
});

test('going live names who gets what first, and readers get what comes out from then on', async () => {
  await addReader(testApp, publication, 'ada@example.com');
  await addReader(testApp, publication, 'bea@example.com', { cadence: 'daily' });
  await addArticles(testApp, publication, 'Harbour');
  await testApp.runDueJobs();
  const said = await words();
  expect(said).toContain('1 reader: each new article within minutes of coming out.');
  expect(said).toContain(
    '1 reader: the first digest on the day on which something new comes out, at the hour that each chose',
  );
  expect(said).toContain('What came out while this was set up (Harbour)');
  const { fields } = findForm(await html(), '/set-up/live');
  expect(fields).toEqual({ released: 'count' });
  const live = await send('/live', fields);
  expect(live.headers.get('location')).toBe(`${PATH}?done=live`);
  await testApp.runDueJobs();
  expect(await describePlan(testApp)).toEqual([]);
  expect(await isLive()).toBe(true);
  expect(await words('/set-up?done=live')).toContain('The newsletter is live.');
  expect((await send('/live', fields)).headers.get('location')).toBe(`${PATH}?done=not-set-up`);
  expect(await words('')).not.toContain('is not live yet');
});

test('with what came out meanwhile, it goes out at once to who gets each article', async () => {
  await addReader(testApp, publication, 'ada@example.com');
  await addArticles(testApp, publication, 'Harbour');
  await send('/live', { released: 'send' });
  await testApp.runDueJobs();
  expect(await describePlan(testApp)).toEqual(['ada@example.com instant 1: Harbour']);
});

test('without a postal address it does not go live, and the page says why', async () => {
  await updatePublication(testApp.context, publication.id, { postalAddress: null });
  const refused = await send('/live');
  expect(refused.status).toBe(422);
  expect(await refused.text()).toContain(
    'It is not live yet. The law of many countries asks for a postal address',
  );
  expect(await isLive()).toBe(false);
});

test('before it is live people sign up and confirm, and get no digest', async () => {
  const answer = await post(`${testApp.url}/lantern/subscriptions`, { email: 'ada@example.com' });
  expect(answer.status).toBe(303);
  await testApp.runDueJobs();
  expect(testApp.smtp.messages).toHaveLength(1);
  await addArticles(testApp, publication, 'Harbour');
  await testApp.runDueJobs();
  expect(testApp.smtp.messages).toHaveLength(1);
});

test('a viewer sees how far it is, and presses nothing', async () => {
  const viewer = await addOperator(testApp, 'v@lantern.example', 'viewer');
  const session = await enterDashboard(testApp, viewer?.id);
  const page = await (await open(testApp.url + PATH, { cookie: session })).text();
  expect(page).toContain('The Lantern is not live yet');
  expect(page).not.toMatch(/<form[^>]*set-up/);
  for (const path of ['/form', '/live'])
    expect((await post(testApp.url + PATH + path, { url: site.origin }, { cookie: session })).status).toBe(
      403,
    );
  expect(await isLive()).toBe(false);
});

function unescapeHtml(text: string): string {
  return text
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&#34;', '"')
    .replaceAll('&#39;', "'")
    .replaceAll('&amp;', '&');
}
