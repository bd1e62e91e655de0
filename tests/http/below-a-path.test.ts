import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { feedHookUrl } from '../../src/articles/feeds/hook.js';
import { listFeeds } from '../../src/articles/feeds/reads.js';
import { prepareDemo } from '../../src/cli/start/demo.js';
import { createToken } from '../../src/operators/api-token.js';
import { createEntryLink } from '../../src/operators/entry-link.js';
import { findFreePort } from '../../src/platform/process/free-port.js';
import { findPublicationBySlug } from '../../src/publications/reads.js';
import { crawl, type Crawl } from '../support/crawl.js';
import { developmentPages, fillInbox } from '../support/development-pages.js';
import { sessionCookie } from '../support/operator-session.js';
import { open, post, postJson, readMails } from '../support/reader-actions.js';
import { openTestApp, type TestApp } from '../support/test-app.js';
import { hasNginx, startNginx } from '../support/test-nginx.js';
import { sendEveryMail } from './public/every-mail.js';

/** Also the name of a publication, which makes its pages hard to tell from the path. */
const PATH = '/lantern';

const name = hasNginx
  ? 'behind an nginx that takes the path away'
  : 'behind an nginx (skipped: this machine has none)';

(hasNginx ? describe : describe.skip)(name, () => {
  let testApp: TestApp;
  let nginx: Awaited<ReturnType<typeof startNginx>>;
  let dir: string;
  let cookie: string;
  let crawled: Crawl;

  beforeAll(async () => {
    dir = await mkdtemp(join(tmpdir(), 'paperround-below-'));
    const port = await findFreePort();
    testApp = await openTestApp({
      basePath: PATH,
      proxyPort: port,
      development: (context) => developmentPages(context, dir),
    });
    nginx = await startNginx({ port, path: PATH, upstreamPort: testApp.port });
    await prepareDemo(testApp.context);
    await sendEveryMail(testApp);
    await fillInbox(dir, testApp.smtp.messages);
    const entered = await post(await createEntryLink(testApp.context));
    expect(entered.headers.getSetCookie().join()).toContain(`Path=${PATH}/operator;`);
    cookie = sessionCookie(entered);
    const links = (await readMails(testApp)).flatMap((mail) => mail.links);
    crawled = await crawl(testApp.url, [`${testApp.url}/`, ...links, ...programs(testApp)], cookie);
  }, 60_000);

  afterAll(async () => {
    await nginx.stop();
    await testApp.close();
    await rm(dir, { recursive: true, force: true });
  });

  test('no page, mail, feed, script or description leads beside the path, and all that they name is there', () => {
    expect(crawled.beside).toEqual([]);
    // In a preview a reader's links are nobody's.
    expect(crawled.dead.filter((line) => !/\/(?:manage|unsubscribe)\/\S+ on \S+\/mail\b/.test(line))).toEqual(
      [],
    );
    const words = new Set(crawled.visited.map((url) => url.slice(testApp.url.length).split(/[/?]/)[1]));
    const expected =
      'assets confirm demo embed harbour-lantern inbox lantern manage never operator unsubscribe';
    expect([...words]).toEqual(expect.arrayContaining(expected.split(' ')));
  });

  test('every link in a mail, in its headers too, is below the path', async () => {
    const mails = await readMails(testApp);
    const others = testApp.smtp.messages
      .map(({ raw }) => raw.toString('latin1').replaceAll('=\r\n', ''))
      .flatMap((text) => text.match(/https?:\/\/127\.0\.0\.1:\d+[^\s"'<>]*/g) ?? [])
      .filter((url) => !url.startsWith(`${testApp.url}/`));
    expect(others).toEqual([]);
    expect(mails.some((mail) => mail.header('list-unsubscribe')?.startsWith(`<${testApp.url}/`))).toBe(true);
  });

  test('the button of a mail program unsubscribes in one step, without a redirect', async () => {
    const mail = (await readMails(testApp)).find((each) => each.header('list-unsubscribe') !== undefined);
    const [, url = ''] = /<(.*?)>/.exec(mail?.header('list-unsubscribe') ?? '') ?? [];
    expect((await post(url, 'List-Unsubscribe=One-Click')).status).toBe(200);
    const undone = await post(`${url}/undo`);
    expect([undone.status, undone.headers.get('location')]).toEqual([
      303,
      expect.stringMatching(new RegExp(`^${PATH}/unsubscribe/`)),
    ]);
  });

  test('a form of another site, a proof of work, and a form without script are answered below the path', async () => {
    const form = `${testApp.url}/harbour-lantern/subscriptions`;
    const json = await postJson(form, { email: 'json@example.com' });
    expect([json.status, json.headers.get('access-control-allow-origin')]).toEqual([202, '*']);
    const sent = await post(form, { email: 'plain@example.com' });
    expect(sent.headers.get('location')).toMatch(new RegExp(`^${PATH}/check-inbox/`));
    const mistaken = await (await post(form, { email: 'mistaken' })).text();
    expect(mistaken).toContain(`action="${PATH}/harbour-lantern/subscriptions"`);
    expect((await fetch(`${testApp.url}/embed/harbour-lantern/challenge`)).status).toBe(200);
    const script = await (await fetch(`${testApp.url}/embed/harbour-lantern.js`)).text();
    expect(script).toContain(`${testApp.url}/harbour-lantern/subscriptions`);
  });

  test('a publication that has the name of the path has all its pages, and the first page is its own', async () => {
    const home = `${testApp.url}/lantern`;
    for (const page of ['', '/archive', '/feed.xml', '/manage']) {
      const answer = await open(home + page);
      expect([page, answer.status]).toEqual([page, 200]);
      expect(await answer.text()).toContain('The Lantern');
    }
    expect((await post(`${home}/subscriptions`, { email: 'namesake@example.com' })).status).toBe(303);
    expect(await (await open(`${testApp.url}/`)).text()).toContain(`action="${PATH}/lantern/subscriptions"`);
  });

  test('an error page leads back to a page below the path', async () => {
    const page = await (await open(`${testApp.url}/harbour-lantern/nothing`)).text();
    expect(page).toContain(`href="${PATH}/harbour-lantern"`);
    const refused = await open(`${testApp.url}/manage/cut-in-two`);
    expect([refused.status, await refused.text()]).toEqual([
      404,
      expect.stringContaining(`href="${PATH}/assets/`),
    ]);
  });

  test('hooks, hubs and programs are given addresses that answer', async () => {
    const { context } = testApp;
    const demo = await findPublicationBySlug(context.db, 'harbour-lantern');
    const [feed] = await listFeeds(context.db, demo?.id ?? '');
    if (feed === undefined) throw new Error('The demo has no feed');
    expect((await post(feedHookUrl(context, feed))).status).toBe(202);
    expect((await fetch(`${testApp.url}/websub/${feed.id}?hub.mode=none`)).status).toBe(404);
    const { token } = await createToken(context, { name: 'Below', scopes: ['read'] });
    const description = (await (await fetch(`${testApp.url}/api/v1/openapi.json`)).json()) as {
      servers: { url: string }[];
    };
    const api = description.servers[0]?.url ?? '';
    const listed = await fetch(`${api}/publications`, { headers: { authorization: `Bearer ${token}` } });
    expect(listed.status).toBe(200);
    const unknown = await fetch(`${api}/nothing`, { headers: { accept: 'text/html' } });
    expect([unknown.status, unknown.headers.get('content-type')]).toEqual([
      404,
      expect.stringContaining('application/problem+json'),
    ]);
  });

  test('the operator stays signed in below the path alone, and signs out', async () => {
    const page = await open(`${testApp.url}/operator/publications/harbour-lantern`, { cookie });
    expect(page.status).toBe(200);
    const left = await post(`${testApp.url}/operator/sign-out`, '', { cookie });
    expect(left.headers.getSetCookie().join()).toContain(`Path=${PATH}/operator;`);
    expect((await open(`${testApp.url}/operator`, { cookie })).headers.get('location')).toContain(
      '/operator/sign-in',
    );
  });

  test('who asks the process itself needs no path', async () => {
    const direct = `http://127.0.0.1:${testApp.port}`;
    expect((await fetch(`${direct}/healthz`)).status).toBe(200);
    expect((await fetch(`${direct}${PATH}/healthz`)).status).toBe(200);
  });
});

/** What is for programs, and no page names. */
function programs({ url }: TestApp): string[] {
  const paths = ['/api/v1/openapi.json', '/embed/harbour-lantern', '/embed/harbour-lantern.js', '/operator'];
  return [...paths, '/demo', '/inbox?refresh=off', '/harbour-lantern/archive'].map((path) => url + path);
}
