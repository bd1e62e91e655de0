import { once } from 'node:events';
import { request, type IncomingMessage } from 'node:http';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { manageUrl } from '../../../../src/deliveries/mail-urls.js';
import { findPublicationBySlug } from '../../../../src/publications/reads.js';
import { openTestApp, type TestApp } from '../../../support/test-app.js';
import { addReader } from '../../../support/fixtures.js';
import { archivePublication } from '../../../../src/publications/change-publication.js';

let testApp: TestApp;

beforeAll(async () => {
  testApp = await openTestApp();
  await testApp.createPublication({ accent: '#ffcc00', topics: ['Harbour', "Children's"] });
});

afterAll(() => testApp.close());

test('the script that updates itself may be loaded by every site, for minutes', async () => {
  const answer = await fetch(`${testApp.url}/embed/lantern.js`);
  expect(answer.status).toBe(200);
  expect(Object.fromEntries(answer.headers)).toMatchObject({
    'content-type': 'text/javascript; charset=utf-8',
    'cache-control': 'public, max-age=300',
    'access-control-allow-origin': '*',
    'cross-origin-resource-policy': 'cross-origin',
  });
  expect(answer.headers.get('access-control-allow-credentials')).toBeNull();
  const body = await answer.text();
  expect(body).toContain('Get the next article by email');
  expect(body.endsWith(testApp.context.templates.embed.build.script)).toBe(true);
});

test('on the wire it is 3 KB of script, and with the words and the style of its publication 6 at most', async () => {
  const { file } = testApp.context.templates.embed.build;
  const sizes = await Promise.all([`/assets/${file}`, '/embed/lantern.js'].map(onTheWire));
  expect(sizes).toEqual([expect.any(Number), expect.any(Number)]);
  const [script = Infinity, whole = Infinity] = sizes;
  expect(script).toBeLessThanOrEqual(3 * 1024);
  expect(whole).toBeLessThanOrEqual(6 * 1024);
});

test('a page with a reader’s token in it is not compressed (BREACH)', async () => {
  const link = await manageLink();
  expect(await onTheWire(new URL(link).pathname)).toBeUndefined();
  expect(await onTheWire('/lantern')).toBeUndefined();
});

test('the pinned script may be cached for ever, and matches its integrity digest', async () => {
  const { file, script } = testApp.context.templates.embed.build;
  const answer = await fetch(`${testApp.url}/assets/${file}`);
  expect(answer.headers.get('cache-control')).toBe('public, max-age=31536000, immutable');
  expect(answer.headers.get('access-control-allow-origin')).toBe('*');
  expect(await answer.text()).toBe(script);
});

test('other sites may send the form and read its answers, and no other response', async () => {
  const send = (email: string) =>
    fetch(`${testApp.url}/lantern/subscriptions`, {
      method: 'POST',
      headers: { accept: 'application/json', origin: 'https://lantern.example' },
      body: new URLSearchParams({ email }),
    });
  for (const [email, status] of [
    ['reader@example.com', 202],
    ['reader@', 422],
  ] as const) {
    const answer = await send(email);
    expect(answer.status).toBe(status);
    expect(answer.headers.get('access-control-allow-origin')).toBe('*');
  }
  const asked = await fetch(`${testApp.url}/lantern/subscriptions`, { method: 'OPTIONS' });
  expect(asked.status).toBe(204);
  expect(asked.headers.get('access-control-allow-methods')).toBe('POST');
  for (const path of ['/lantern', '/lantern/archive', '/embed/lantern', '/api/v1/publications'])
    expect((await fetch(testApp.url + path)).headers.get('access-control-allow-origin')).toBeNull();
});

test('a snippet contains nothing that changes, and every address in full', async () => {
  const page = await (await fetch(`${testApp.url}/embed/lantern`)).text();
  expect(page).toContain(`${testApp.url}/embed/lantern.js`);
  expect(page).toContain('shadowrootmode');
  expect(page).toContain('integrity=&#34;sha384-');
  expect(page).not.toContain('emails a week');
  expect(page).toContain('Children&amp;#39;s');
});

test('the recipe for comments asks for nobody in the spam, waits two seconds, and tells what came of it', async () => {
  const page = await (await fetch(`${testApp.url}/embed/lantern`)).text();
  const recipe = page.slice(page.indexOf('add_filter('));
  expect(recipe).toContain('comment_approved === &#39;spam&#39;) return $location;');
  expect(recipe).toContain('&#39;timeout&#39; =&gt; 2,');
  expect(recipe).toContain('is on its way, if we may write to this address.');
  expect(recipe).toContain('We took your comment, but couldn&amp;#39;t reach the newsletter.');
  expect(recipe).toContain(`&lt;a href=&#34;${testApp.url}/lantern&#34;&gt;`);
});

test('the colour is made readable before it is sent', async () => {
  const body = await (await fetch(`${testApp.url}/embed/lantern.js`)).text();
  expect(body).not.toContain('--light:#ffcc00');
  expect(body).toContain('--dark:#ffcc00');
});

test('only the previews may be framed, and only by us', async () => {
  const policy = async (path: string) =>
    (await fetch(testApp.url + path)).headers.get('content-security-policy');
  expect(await policy('/embed/lantern')).toContain("frame-ancestors 'none'");
  for (const kind of ['isolated', 'plain', 'script']) {
    const said = (await policy(`/embed/lantern/preview/${kind}`)) ?? '';
    expect(said).toContain("frame-ancestors 'self'");
    expect(said).not.toContain('unsafe-inline');
  }
  expect((await fetch(`${testApp.url}/embed/lantern/preview/other`)).status).toBe(404);
  expect((await fetch(`${testApp.url}/embed/nobody.js`)).status).toBe(404);
});

test('the script of an archived newsletter leaves pages as they are', async () => {
  const { id } = await testApp.createPublication({ slug: 'stopped' });
  await archivePublication(testApp.context, id);
  expect(await (await fetch(`${testApp.url}/embed/stopped.js`)).text()).toBe('');
  expect((await fetch(`${testApp.url}/embed/stopped`)).status).toBe(410);
});

/** A reader's page of settings. */
async function manageLink(): Promise<string> {
  const publication = await findPublicationBySlug(testApp.context.db, 'lantern');
  if (publication === undefined) throw new Error('The Lantern is gone');
  return manageUrl(testApp.context, await addReader(testApp, publication, 'ada@example.com'));
}

/** Bytes of the body that a browser gets; undefined when they are not compressed. */
async function onTheWire(path: string): Promise<number | undefined> {
  const asked = request(testApp.url + path, { headers: { 'accept-encoding': 'gzip' } }).end();
  const [answer] = (await once(asked, 'response')) as [IncomingMessage];
  const body = Buffer.concat((await answer.toArray()) as Buffer[]);
  if (answer.headers['content-encoding'] === 'gzip') return body.length;
  // Shorter responses are never compressed.
  expect(body.length).toBeGreaterThan(1024);
  return undefined;
}
