import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { findArticle } from '../../../src/articles/reads.js';
import { retractArticle } from '../../../src/articles/release/decide-article.js';
import { correctArticle } from '../../../src/articles/release/correct-article.js';
import { sql } from '../../../src/platform/db/sql.js';
import type { Publication } from '../../../src/publications/publication.js';
import { addArticles, addReaders, resetTestApp } from '../../support/fixtures.js';
import {
  addOperator,
  enterDashboard,
  newFormKey,
  readDashboardPage,
} from '../../support/operator-session.js';
import { open, post } from '../../support/reader-actions.js';
import { openTestApp, type TestApp } from '../../support/test-app.js';

const ARTICLES = '/operator/publications/lantern/articles';

let testApp: TestApp;
let publication: Publication;
let cookie: string;

beforeAll(async () => {
  testApp = await openTestApp();
});
afterAll(() => testApp.close());

beforeEach(async () => {
  await resetTestApp(testApp);
  publication = await testApp.createPublication({ holdMinutes: 30, timezone: 'Africa/Nairobi' });
  cookie = await enterDashboard(testApp, (await addOperator(testApp, 'ed@lantern.example', 'editor')).id);
});

const words = (path: string, as = cookie) =>
  readDashboardPage(testApp, `/publications/lantern/articles${path}`, as);
const get = (path: string, as = cookie) => open(testApp.url + ARTICLES + path, { cookie: as });
const press = (path: string, fields: Record<string, string> = {}, as = cookie) =>
  post(testApp.url + ARTICLES + path, fields, { cookie: as });

/** Adds one by the form, and answers the path of its page below the list. */
async function add(fields: Record<string, string>): Promise<string> {
  const answer = await press('', { ...newFormKey(), summary: 'Told in full.', ...fields });
  expect(answer.status).toBe(303);
  return (answer.headers.get('location') ?? '').replace(ARTICLES, '').replace(/\?.*/, '');
}

/** What a form shows, as a browser would send it back. */
async function formOf(path: string): Promise<Record<string, string>> {
  const html = await (await get(path)).text();
  const inputs = [...html.matchAll(/<input[^>]* name="([^"]+)"[^>]* value="([^"]*)"/g)];
  const areas = [...html.matchAll(/<textarea[^>]* name="([^"]+)"[^>]*>\n([^<]*)</g)];
  return Object.fromEntries(
    [...inputs, ...areas].map(([, name = '', value = '']) => [name, unescape(value)]),
  );
}

const unescape = (html: string) =>
  html.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&quot;', '"').replaceAll('&amp;', '&');

test('articles are listed by state, a page at a time, each with where it stands', async () => {
  expect(await words('')).toContain(
    'No article yet. They come from the feed of your site, or are added here.',
  );
  expect(await words('?state=held')).toContain('Nothing is held.');
  await addArticles(
    testApp,
    publication,
    ...Array.from({ length: 30 }, (_, at) => ({ title: `Tide ${at}`, release: true })),
  );
  const waiting = await add({ title: 'Storm' });
  await add({ title: 'Bare', summary: '' });
  const first = await words('');
  expect(first).toMatch(
    /Bare Held: nobody gets it until you decide\. It has a title, but neither text nor picture\./,
  );
  expect(first).toMatch(/Storm Waits, and goes out \w+ 22 November, 12:30 \(East Africa Time\)\./);
  expect(first).not.toContain('Tide 3 ');
  const next = /articles\?(before=[\w-]+)"/.exec(await (await get('')).text())?.[1] ?? '';
  expect(await words(`?${next}`)).toContain('Tide 3 ');
  expect(await words('?state=waiting')).toMatch(/Storm.*Let it go out Don’t email/);
  expect(await words('?state=waiting')).not.toContain('Bare');
  const held = await (await get('?state=released')).text();
  expect(held).toMatch(/articles\?state=released&amp;before=[\w-]+"/);
  expect(held).not.toContain('Storm');
  for (const odd of ['?state=x', '?before=1', '?state[]=held']) expect((await get(odd)).status).toBe(200);
  expect(waiting).toMatch(/^\/[\w-]{36}$/);
});

test('one article is shown with its state, whom it reaches, its mail in a frame, and where it came from', async () => {
  await addReaders(testApp, publication, ['i@example.com'], { cadence: 'instant' });
  await addReaders(testApp, publication, ['w@example.com', 'v@example.com'], { cadence: 'weekly' });
  const path = await add({
    ...{
      title: 'High <b>water</b>',
      url: 'https://lantern.example/1',
      authors: 'Ines\nOmar',
      categories: 'Sea',
    },
    content: '<p>Calm.<script>alert(1)</script></p>',
  });
  const page = await words(path);
  expect(page).toContain('Waits, and goes out');
  expect(page).toContain('It would reach 3 readers: 1 within minutes, 2 with the next email of each.');
  expect(page).toMatch(
    /From Added here, or by a program Its page https:\/\/lantern\.example\/1 By Ines, Omar Categories Sea/,
  );
  const html = await (await get(path)).text();
  expect(html).toContain('<h1>High &lt;b&gt;water&lt;/b&gt;</h1>');
  expect(html).toMatch(
    /<iframe [^>]*sandbox="allow-popups allow-popups-to-escape-sandbox" src="[^"]*\/mail"/,
  );
  const mail = await get(`${path}/mail`);
  expect(mail.headers.get('content-security-policy')).toMatch(/^sandbox /);
  const shown = await mail.text();
  expect(shown).toContain('High &lt;b&gt;water&lt;/b&gt;');
  expect(shown).not.toContain('<script');
});

test('its buttons do what the API does, say what was done, and decide once', async () => {
  const path = await add({ title: 'Storm' });
  const decide = async (verb: string) => {
    const answer = await press(`${path}/${verb}`, { back: 'article' });
    return words((answer.headers.get('location') ?? '').replace(ARTICLES, ''));
  };
  expect(await decide('hold')).toMatch(
    /Held\. Nobody gets it until you let it go out\..*An operator held it\./,
  );
  expect(await decide('hold')).toContain('It was decided before, or is out already. Nothing was changed.');
  expect(await decide('release')).toContain('Goes out within a minute.');
  await testApp.runDueJobs();
  expect(await words(path)).toContain('Out: each reader gets it with her next email, or has it.');
  expect(await decide('skip')).toContain('Nothing was changed.');
  expect(await decide('retract')).toContain('Taken back: nobody gets it any more.');
  expect(await decide('retract')).toContain('Nothing was changed.');
  expect(await decide('release')).toContain('It goes out:');
  const { db } = testApp.context;
  const kinds = await db.many<{ kind: string }>(sql`
    select kind from activity where subject_id = ${path.slice(1)}::uuid and actor_kind = 'operator' order by id
  `);
  expect(kinds.map(({ kind }) => kind)).toEqual([
    ...['article.added', 'article.held', 'article.approved', 'article.retracted', 'article.restored'],
  ]);
  const other = await add({ title: 'Calm' });
  const fromList = await press(`${other}/skip`, { back: 'waiting' });
  expect(fromList.headers.get('location')).toBe(`${ARTICLES}?state=waiting&done=skipped`);
  expect((await press(`${other}/release`)).headers.get('location')).toBe(
    '/operator/publications/lantern?done=too-late',
  );
});

test('what is typed wrong is said beside its field, and nothing that was typed is lost', async () => {
  const answer = await press('', {
    ...{
      ...newFormKey(),
      title: '',
      url: 'ftp://x',
      content: '<p>Long</p>',
      categories: 'Sea\nLand',
      release: 'on',
    },
  });
  expect(answer.status).toBe(422);
  const html = await answer.text();
  expect(html).toContain('Nothing was saved. What you typed is still here.');
  expect(html).toMatch(
    /<a href="#article-title">Title [^<]+<\/a>.*<a href="#article-url">Address of its page [^<]+<\/a>/s,
  );
  expect(html).toMatch(/&lt;p&gt;Long&lt;\/p&gt;<\/textarea>/);
  expect(html).toMatch(/Sea\nLand<\/textarea>/);
  expect(html).toMatch(/name="release" value="on" checked/);
  expect(await testApp.context.db.many(sql`select from articles`)).toEqual([]);
});

test('the form adds once, at once where that is ticked, and leads to the article that is known', async () => {
  const fields = {
    ...newFormKey(),
    title: 'Storm',
    url: 'https://lantern.example/s',
    summary: 'S.',
    release: 'on',
  };
  const [one, two] = [await press('', fields), await press('', fields)];
  expect(two.headers.get('location')).toBe(one.headers.get('location'));
  const known = await press('', { ...fields, ...newFormKey() });
  expect(known.headers.get('location')).toMatch(/\?done=known$/);
  expect(await testApp.context.db.many(sql`select state from articles`)).toEqual([{ state: 'released' }]);
  expect(await (await press('', { ...fields, key: '' })).text()).toContain(
    'the form came from an older page',
  );
});

test('a correction changes what was typed over and nothing else, and of two people the second sees the first', async () => {
  const path = await add({
    title: 'Strom',
    url: 'https://lantern.example/s',
    content: '<p>One &amp; two.</p>',
    categories: 'Sea',
  });
  const id = path.slice(1);
  const fields = await formOf(`${path}/correct`);
  expect(fields).toMatchObject({ categories: 'Sea', content: '<p>One &amp; two.</p>' });
  const { context } = testApp;
  await correctArticle(context, id, { categories: ['Sea', 'Land'] });
  const saved = await press(`${path}/correct`, { ...fields, title: 'Storm', url: '' });
  expect(saved.headers.get('location')).toBe(`${ARTICLES}${path}?done=corrected`);
  expect(await findArticle(context.db, id)).toMatchObject({
    ...{ title: 'Storm', url: null, categories: ['Sea', 'Land'], contentHtml: '<p>One &amp; two.</p>' },
  });

  const stale = await press(`${path}/correct`, { ...fields, title: 'Gale' });
  expect(stale.status).toBe(422);
  const html = await stale.text();
  expect(html).toContain('Somebody has changed title meanwhile, to “Storm”.');
  expect(html).toContain('value="Gale"');
  const seen = /name="seen\.title" value="([^"]+)"/.exec(html)?.[1] ?? '';
  await press(`${path}/correct`, { title: 'Gale', 'seen.title': seen });
  expect((await findArticle(context.db, id))?.title).toBe('Gale');
  const same = await press(`${path}/correct`, await formOf(`${path}/correct`));
  expect(same.headers.get('location')).toContain('done=unchanged');
  await retractArticle(context, id);
  expect((await get(`${path}/correct`)).status).toBe(404);
  expect((await press(`${path}/correct`, { title: 'X' })).headers.get('location')).toContain('done=too-late');
});

test('a text that is too long for a form is left as it is, and the page says where to correct it', async () => {
  const [id = ''] = await addArticles(testApp, publication, {
    title: 'Long',
    content: `<p>${'Water. '.repeat(4_000)}</p>`,
  });
  const page = await (await get(`/${id}/correct`)).text();
  expect(page).toContain('Its text is too long for this form');
  expect(page).not.toContain('name="content"');
  await press(`/${id}/correct`, { ...(await formOf(`/${id}/correct`)), title: 'Longer' });
  const article = await findArticle(testApp.context.db, id);
  expect([article?.title, (article?.contentHtml.length ?? 0) > 20_000]).toEqual(['Longer', true]);
});

test('articles of another newsletter are not found, and a viewer looks without a button', async () => {
  const other = await testApp.createPublication({ slug: 'tide' });
  const [stranger = ''] = await addArticles(testApp, other, 'Elsewhere');
  for (const path of ['', '/mail', '/correct']) expect((await get(`/${stranger}${path}`)).status).toBe(404);
  for (const verb of ['release', 'skip', 'hold', 'retract', 'correct'])
    expect((await press(`/${stranger}/${verb}`)).status).toBe(404);
  const path = await add({ title: 'Storm' });
  const viewer = await enterDashboard(
    testApp,
    (await addOperator(testApp, 'v@lantern.example', 'viewer')).id,
  );
  expect(await words(path, viewer)).not.toMatch(/What you can do|Take it back/);
  expect(await words('', viewer)).not.toContain('Let it go out');
  expect((await get('/new', viewer)).status).toBe(403);
});
