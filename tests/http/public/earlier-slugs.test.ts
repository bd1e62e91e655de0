import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { pushArticle } from '../../../src/articles/ingest/push-article.js';
import { createPublication, updatePublication } from '../../../src/publications/change-publication.js';
import type { Publication } from '../../../src/publications/publication.js';
import { createConfirmedReader, lastMail, open, post, postJson } from '../../support/reader-actions.js';
import { openTestApp, type TestApp } from '../../support/test-app.js';

let testApp: TestApp;
let publication: Publication;
let digestPath: string;

beforeAll(async () => {
  testApp = await openTestApp();
  publication = await testApp.createPublication({ archive: 'public' });
  await createConfirmedReader(testApp, 'ada@example.com');
  await pushArticle(testApp.context, publication, { title: 'High water', content: '<p>At noon.</p>' });
  await testApp.runDueJobs();
  const link = (await lastMail(testApp)).links.find((each) => each.includes('/archive/')) ?? '';
  digestPath = new URL(link).pathname;
  await updatePublication(testApp.context, publication.id, { slug: 'beacon' });
  await updatePublication(testApp.context, publication.id, { slug: 'lighthouse' });
});

afterAll(() => testApp.close());

const where = async (path: string) => {
  const { status, headers } = await open(testApp.url + path);
  return [status, headers.get('location')];
};

test('links to a slug of before lead to the present one for good, with their path and query', async () => {
  for (const [path, target] of [
    ['/lantern', '/lighthouse'],
    ['/beacon', '/lighthouse'],
    ['/lantern?source=menu', '/lighthouse?source=menu'],
    ['/lantern/manage', '/lighthouse/manage'],
    ['/lantern/archive?before=1', '/lighthouse/archive?before=1'],
    ['/lantern/feed.xml', '/lighthouse/feed.xml'],
    ['/embed/lantern', '/embed/lighthouse'],
    ['/embed/lantern/preview/script', '/embed/lighthouse/preview/script'],
  ] as const)
    expect([path, ...(await where(path))]).toEqual([path, 301, target]);
  expect(await where('/nobody')).toEqual([404, null]);
});

test('the archive link of a mail from before opens its digest', async () => {
  const page = await fetch(testApp.url + digestPath, { headers: { accept: 'text/html' } });
  expect([page.status, await page.text()]).toEqual([200, expect.stringContaining('High water')]);
  const feed = await fetch(`${testApp.url}/lantern/feed.xml`);
  expect(feed.headers.get('content-type')).toBe('application/atom+xml; charset=utf-8');
});

test('forms that name a slug of before are taken, of pages and of programs', async () => {
  const form = await post(`${testApp.url}/lantern/subscriptions`, { email: 'bo@example.com' });
  expect([form.status, form.headers.get('location')]).toEqual([
    303,
    expect.stringMatching(/^\/check-inbox\//),
  ]);
  expect((await postJson(`${testApp.url}/beacon/subscriptions`, { email: 'cy@example.com' })).status).toBe(
    202,
  );
  const link = await post(`${testApp.url}/lantern/manage`, { email: 'ada@example.com' });
  expect(link.headers.get('location')).toBe('/lighthouse/manage?done=requested');
  await testApp.runDueJobs();
  expect((await lastMail(testApp, 'bo@example.com')).subject).toBe(
    'Confirm your subscription to The Lantern',
  );
});

test('the script of a form that was pasted before defines the element it was pasted with', async () => {
  const script = await fetch(`${testApp.url}/embed/lantern.js?theme=dark`, { redirect: 'manual' });
  expect(script.headers.get('location')).toBe('/embed/lighthouse.js?theme=dark&as=lantern');
  expect(script.headers.get('access-control-allow-origin')).toBe('*');
  const followed = await (await fetch(`${testApp.url}/embed/lantern.js`)).text();
  expect(followed).toContain(String.raw`\"slug\":\"lantern\"`);
  expect(followed).toContain('/lighthouse/subscriptions');
  const foreign = await (await fetch(`${testApp.url}/embed/lighthouse.js?as=other`)).text();
  expect(foreign).toContain(String.raw`\"slug\":\"lighthouse\"`);
  expect((await fetch(`${testApp.url}/embed/lantern/challenge`)).status).toBe(200);
});

test('no other publication can take it, also at the moment of the change; its own may have it back', async () => {
  const other = await testApp.createPublication({ slug: 'other', name: 'The Other' });
  const settings = { slug: 'lantern', name: 'New', siteUrl: 'https://n.example', fromAddress: 'n@n.example' };
  const taken = { kind: 'slug-taken', by: expect.objectContaining({ slug: 'lighthouse' }) };
  expect(await createPublication(testApp.context, settings)).toEqual(taken);
  expect(await updatePublication(testApp.context, other.id, { slug: 'beacon', name: 'Renamed' })).toEqual(
    taken,
  );
  const rivals = await Promise.all([
    updatePublication(testApp.context, publication.id, { slug: 'tower' }),
    ...['tower', 'lighthouse'].map((slug) => createPublication(testApp.context, { ...settings, slug })),
    updatePublication(testApp.context, other.id, { slug: 'tower' }),
  ]);
  expect(rivals.filter(({ kind }) => kind !== 'slug-taken')).toHaveLength(1);
  expect(await updatePublication(testApp.context, publication.id, { slug: 'lantern' })).toEqual({
    kind: 'changed',
  });
  expect(await where('/lantern')).toEqual([200, null]);
  expect(await where('/lighthouse')).toEqual([301, '/lantern']);
});

test('mails keep the List-Id that filters of readers know', async () => {
  await pushArticle(testApp.context, publication, { title: 'Low water', content: '<p>At six.</p>' });
  await testApp.runDueJobs();
  const mail = await lastMail(testApp, 'ada@example.com');
  expect(mail.header('list-id')).toBe('<lantern.lantern.example>');
});
