import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { pushArticle } from '../../../src/articles/ingest/push-article.js';
import { holdArticle } from '../../../src/articles/release/decide-article.js';
import { addFeed } from '../../../src/articles/feeds/change-feeds.js';
import { createEntryLink } from '../../../src/operators/entry-link.js';
import { sql } from '../../../src/platform/db/sql.js';
import type { Publication } from '../../../src/publications/publication.js';
import { openTestApp, type TestApp } from '../../support/test-app.js';
import { changedTables, dumpTables } from '../../support/table-dump.js';
import {
  requestConfirmLink,
  createConfirmedReader,
  readMails,
  open,
  post,
  signUp,
} from '../../support/reader-actions.js';
import { startWebServer } from '../start-web-server.js';
import { enterDashboard, newFormKey, sessionCookie } from '../../support/operator-session.js';

let testApp: TestApp;
let publication: Publication;

beforeAll(async () => {
  testApp = await openTestApp();
  publication = await testApp.createPublication();
});

afterAll(() => testApp.close());

describe('the entry link', () => {
  test('shows a button; opening it, as a chat program does for its preview, does not use it up', async () => {
    const link = await createEntryLink(testApp.context);
    const before = await dumpTables(testApp.context.db, []);
    for (const method of ['GET', 'HEAD', 'GET']) {
      const answer = await fetch(link, { method });
      expect([answer.status, answer.headers.get('set-cookie')]).toEqual([200, null]);
    }
    expect(changedTables(before, await dumpTables(testApp.context.db, []))).toEqual([]);
    expect((await post(link)).headers.get('location')).toBe('/operator');
  });

  test('signs in one browser, once, also when two press at the same moment', async () => {
    const link = await createEntryLink(testApp.context);
    const answers = await Promise.all([post(link), post(link), post(link)]);
    expect(answers.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([303, 410, 410]);
    const again = await post(link);
    expect([again.status, again.headers.get('set-cookie')]).toEqual([410, null]);
    expect(await again.text()).toContain('npx paperround operator link');
  });

  test('works for a quarter of an hour', async () => {
    const [early, late] = [await createEntryLink(testApp.context), await createEntryLink(testApp.context)];
    testApp.advanceClock(15 * 60_000 - 1);
    expect((await post(early)).status).toBe(303);
    testApp.advanceClock(1);
    expect((await post(late)).status).toBe(410);
  });

  test('that was made up signs nobody in', async () => {
    for (const token of ['x', '%00', 'a'.repeat(32), 'A'.repeat(5000)]) {
      const answer = await post(`${testApp.url}/operator/enter/${token}`);
      expect([answer.status, answer.headers.get('set-cookie')]).toEqual([410, null]);
    }
  });
});

describe('the session', () => {
  test('is a cookie for the operators’ pages alone, out of the reach of scripts and other sites', async () => {
    const answer = await post(await createEntryLink(testApp.context));
    const cookie = answer.headers.get('set-cookie') ?? '';
    expect(cookie).toMatch(/^paperround_operator=s%3A[^;]{60,};/);
    expect(cookie.split('; ').slice(1)).toEqual(
      expect.arrayContaining([
        'Path=/operator',
        'HttpOnly',
        'SameSite=Lax',
        expect.stringMatching(/^Expires=/),
      ]),
    );
    const sid = /s%3A([^.]+)\./.exec(cookie)?.[1];
    expect(
      await testApp.context.db.many(sql`select sid from operator_sessions where sid = ${sid}`),
    ).toHaveLength(1);
  });

  test('is stored before the operator’s browser is redirected', async () => {
    const link = await createEntryLink(testApp.context);
    const { heard, entered } = await testApp.context.db.transaction(async (tx) => {
      await tx.run(sql`lock table operator_sessions in share mode`);
      const entered = post(link);
      const heard = await Promise.race([entered.then(() => 'an answer'), sleep(300, 'nothing')]);
      return { heard, entered: { answer: entered } };
    });
    expect(heard).toBe('nothing');
    const cookie = sessionCookie(await entered.answer);
    expect((await open(`${testApp.url}/operator`, { cookie })).status).toBe(303);
  });

  test('is sent over https only where readers see https, also behind a proxy that does not say so', async () => {
    const behindProxy = await startWebServer(
      { ...testApp.context, publicUrl: 'https://news.example' },
      testApp.keys,
    );
    try {
      const link = new URL(await createEntryLink(testApp.context));
      const answer = await post(`${behindProxy.url}${link.pathname}`);
      expect(answer.headers.get('set-cookie')).toContain('; Secure');
      const page = await open(`${behindProxy.url}/operator`, { cookie: sessionCookie(answer) });
      expect(page.status).toBe(303);
    } finally {
      await behindProxy.close();
    }
  });

  test('that was planted or made up is refused', async () => {
    const real = await enterDashboard(testApp);
    const [name, value = ''] = real.split('=');
    const forged = [
      `${name}=${value.slice(0, -3)}AAA`,
      `${name}=${value.replace('s%3A', '')}`,
      `${name}=s%3Aadmin.sig`,
      `${name}=`,
    ];
    for (const cookie of forged)
      expect((await open(`${testApp.url}/operator`, { cookie })).headers.get('location')).toContain(
        '/operator/sign-in',
      );
    // A session that existed before does not become the operator's (OWASP: session fixation).
    const entered = await post(await createEntryLink(testApp.context), {}, { cookie: real });
    expect(sessionCookie(entered)).not.toBe(real);
  });

  test('readers’ pages ignore it and set no cookie', async () => {
    const cookie = await enterDashboard(testApp);
    for (const path of ['/', '/lantern', '/nowhere', '/healthz', '/operators']) {
      const answer = await open(`${testApp.url}${path}`, { cookie });
      expect([path, answer.headers.get('set-cookie')]).toEqual([path, null]);
    }
  });
});

describe('without a session', () => {
  test('every operators’ page is closed, changes nothing and says how to get in', async () => {
    const article = await heldArticle('Not for strangers');
    await createConfirmedReader(testApp, 'due@example.com');
    await pushArticle(testApp.context, publication, { title: 'Due', content: '<p>News.</p>' });
    const before = await dumpTables(testApp.context.db, []);
    for (const [method, path] of [
      ['GET', ''],
      ['HEAD', ''],
      ['GET', '?publication=lantern'],
      ['POST', '/digests'],
      ['POST', `/articles/${article}/release`],
      ['POST', `/articles/${article}/skip`],
      ['GET', '/anything'],
      ['DELETE', '/digests'],
    ] as const) {
      const answer = await fetch(`${testApp.url}/operator${path}`, { method, redirect: 'manual' });
      const looks = method === 'GET' || method === 'HEAD';
      expect([method, path, answer.status]).toEqual([method, path, looks ? 303 : 401]);
      expect(answer.headers.get('cache-control')).toBe('no-store');
      expect(answer.headers.get('set-cookie')).toBeNull();
      if (looks) expect(answer.headers.get('location')).toMatch(/^\/operator\/sign-in/);
      else expect(await answer.text()).toContain('npx paperround operator link');
    }
    expect(changedTables(before, await dumpTables(testApp.context.db, []))).toEqual([]);
    await testApp.runDueJobs();
  });
});

describe('another site', () => {
  test.each([
    ['that says so', { 'sec-fetch-site': 'cross-site', origin: 'https://evil.example' }],
    ['under the same domain', { 'sec-fetch-site': 'same-site' }],
    ['in an older browser', { origin: 'https://evil.example' }],
    ['that hides its origin', { origin: 'null' }],
    ['on another port', { origin: 'http://127.0.0.1:1' }],
    ['whose origin is no address', { origin: 'evil' }],
  ])('%s cannot press an operator’s buttons', async (_, headers) => {
    const cookie = await enterDashboard(testApp);
    const article = await heldArticle(`Pressed from outside ${JSON.stringify(headers)}`);
    const link = await createEntryLink(testApp.context);
    const before = await dumpTables(testApp.context.db);
    for (const url of [
      link,
      `${testApp.url}/operator/publications/lantern/digests`,
      `${testApp.url}/operator/publications/lantern/articles/${article}/release`,
      `${testApp.url}/operator/publications/lantern/articles/${article}/skip`,
    ]) {
      const answer = await post(url, { publication: 'lantern' }, { cookie, ...headers });
      expect([url, answer.status]).toEqual([url, 403]);
      expect(await answer.text()).toContain('Nothing was saved.');
    }
    expect(changedTables(before, await dumpTables(testApp.context.db))).toEqual([]);
  });

  test('is distinguished from our own pages, in newer and older browsers', async () => {
    for (const headers of [
      { 'sec-fetch-site': 'same-origin', origin: testApp.url },
      { 'sec-fetch-site': 'same-origin', origin: 'null' },
      { 'sec-fetch-site': 'none' },
      { origin: testApp.url },
      {},
    ] as Record<string, string>[]) {
      const answer = await post(await createEntryLink(testApp.context), {}, headers);
      expect([headers, answer.status]).toEqual([headers, 303]);
    }
  });
});

describe('the dashboard', () => {
  let ownApp: TestApp;
  let cookie: string;
  /** Its HTML without pictures. */
  const page = async (query = '', slug = 'lantern') => {
    const html = await (await open(`${ownApp.url}/operator/publications/${slug}${query}`, { cookie })).text();
    return html.replaceAll(/<svg.*?<\/svg>\s*/gs, '');
  };
  const press = (path: string, fields: Record<string, string> = {}) =>
    post(`${ownApp.url}/operator/publications/lantern${path}`, fields, { cookie });

  beforeAll(async () => {
    ownApp = await openTestApp();
    cookie = await enterDashboard(ownApp);
  });

  afterAll(() => ownApp.close());

  test('says what to do while there is nothing', async () => {
    const none = await (await open(`${ownApp.url}/operator`, { cookie })).text();
    expect(none).toContain('href="/operator/publications/new"');
    await ownApp.createPublication({ defaultCadence: 'daily' });
    const empty = await page();
    expect(empty).toContain('<p class="big">Nobody to send to</p>');
    expect(empty).toContain('There is no confirmed reader yet.');
    expect(empty).toContain('<p class="big">None yet</p>');
    expect(empty).toContain('No readers yet.');
    expect(empty).toContain('No feed yet: new articles come from one.');
  });

  test('counts the readers in each state', async () => {
    for (const name of ['ann', 'ben', 'cat']) await createConfirmedReader(ownApp, `${name}@example.com`);
    await requestConfirmLink(ownApp, 'waiting@example.com');
    const { unsubscribeLink } = await createConfirmedReader(ownApp, 'left@example.com');
    await post(unsubscribeLink);
    const html = await page();
    const figures = [...html.matchAll(/<dt>([^<]+)<br>([^<]+)<\/dt><dd>(?:<a[^>]*>)?(\d+)/g)].map(
      ([, ...figure]) => figure,
    );
    expect(figures).toEqual([
      ['Confirmed', '+3 in 30 days', '3'],
      ['Waiting to confirm', '+1 in 30 days', '1'],
      ['Paused', 'as 30 days ago', '0'],
      ['Unsubscribed', '+1 in 30 days', '1'],
    ]);
  });

  test('shows what comes next; sent once, a second order finds nobody', async () => {
    const lantern = await publicationOf(ownApp);
    await pushArticle(ownApp.context, lantern, { title: 'Fish & ships', content: '<p>News.</p>' });
    await ownApp.runDueJobs();
    expect(await page()).toMatch(
      /<p class="row-title">Daily<\/p>\s*<p>[^<]* · .*3 readers.* · 1 article: Fish &amp; ships<\/p>/,
    );

    expect(await page()).toContain('href="/operator/publications/lantern/digests/new"');
    const sent = await press('/digests', newFormKey());
    expect([sent.status, sent.headers.get('location')]).toEqual([
      303,
      expect.stringMatching(/^\/operator\/publications\/lantern\/digests\/[^/]+\?done=ordered$/),
    ]);
    await ownApp.runDueJobs();
    const digests = (await readMails(ownApp)).filter(({ subject }) => subject === 'Fish & ships');
    expect(digests.map(({ to }) => to).toSorted()).toEqual([
      'ann@example.com',
      'ben@example.com',
      'cat@example.com',
    ]);
    const again = await press('/digests', newFormKey());
    expect(again.headers.get('location')).toContain('/digests/new?done=nobody-due');
    expect(await ownApp.runDueJobs()).toEqual([]);
    expect(await page('/digests/new?done=nobody-due')).toContain('No digest was made.');
  });

  test('shows the last digest in one line', async () => {
    const lantern = await publicationOf(ownApp);
    await pushArticle(ownApp.context, lantern, { title: 'Storm', content: '<p>News.</p>' });
    await ownApp.runDueJobs();
    ownApp.smtp.setScript((stage, address) => {
      if (stage !== 'rcpt') return undefined;
      if (address.startsWith('ann')) return '550 5.1.1 No such user';
      return address.startsWith('ben') ? '451 4.2.1 Try later' : undefined;
    });
    await press('/digests', newFormKey());
    await ownApp.runDueJobs();
    ownApp.smtp.setScript(() => undefined);
    const html = await page();
    expect(html).toMatch(/<p class="big"><a [^>]*>Storm<\/a><\/p>/);
    const figures =
      /<\/span>((?:,? <a href="[^"]*\/deliveries\?state=\w+">\d+<\/a> [^<]*)+)<\/p>/.exec(html)?.[1] ?? '';
    expect(figures.replaceAll(/<[^>]*>/g, '')).toBe(' 1 of 3 accepted, 1 delayed, 1 bounced');
  });

  test('holds an article for a decision: released it is sent, skipped it never is', async () => {
    const [release, skip] = [
      await heldArticle('To be released', ownApp),
      await heldArticle('To be skipped', ownApp),
    ];
    const html = await page();
    expect(html).toContain('Held article: To be released');
    expect(html).toContain('An operator held it.');
    const held = [...html.matchAll(/href="\/operator\/publications\/lantern(\/articles\/holds\/[^"]+)"/g)];
    const pages = await Promise.all([...new Set(held.map(([, path]) => path))].map((path) => page(path)));
    expect(pages.join()).toContain(`action="/operator/publications/lantern/articles/${release}/release"`);
    expect(pages.join()).toContain(`action="/operator/publications/lantern/articles/${skip}/skip"`);

    expect((await press(`/articles/${release}/release`)).headers.get('location')).toBe(
      '/operator/publications/lantern?done=released',
    );
    expect((await press(`/articles/${skip}/skip`)).headers.get('location')).toContain('done=skipped');
    await ownApp.runDueJobs();
    for (const verb of ['release', 'skip']) {
      for (const id of [release, skip]) {
        expect((await press(`/articles/${id}/${verb}`)).headers.get('location')).toBe(
          '/operator/publications/lantern?done=too-late',
        );
      }
    }
    expect(await ownApp.runDueJobs()).toEqual([]);
    await press('/digests', newFormKey());
    await ownApp.runDueJobs();
    const subjects = (await readMails(ownApp)).map(({ subject }) => subject);
    expect(subjects).toContain('To be released');
    expect(subjects.join()).not.toContain('To be skipped');
    expect(await page()).not.toContain('Held article');
  });

  test('says which feed has not worked for an hour, and what that means for readers', async () => {
    const lantern = await publicationOf(ownApp);
    await addFeed(ownApp.context, {
      publicationId: lantern.id,
      url: 'http://127.0.0.1:1/feed.xml',
      includeNewest: 0,
    });
    await ownApp.runDueJobs();
    expect(await page()).not.toContain('A feed does not work');
    ownApp.advanceClock(61 * 60_000);
    const html = await page();
    expect(html).toContain('A feed does not work: http://127.0.0.1:1/feed.xml');
    expect(html).toContain('get nothing new from it.');
    expect(html).toContain('href="/operator/publications/lantern/settings/feeds"');
  });

  test('is not confused by strange names, ids and flashes', async () => {
    const before = await dumpTables(ownApp.context.db, ['rate_limits', 'operator_sessions']);
    const strange = ['x', '%00', '..%2f', "1'--", '0', 'a'.repeat(3000)];
    for (const id of [...strange, '00000000-0000-0000-0000-000000000000']) {
      for (const verb of ['release', 'skip']) {
        const answer = await press(`/articles/${id}/${verb}`);
        expect([id, answer.status]).toEqual([id, 404]);
      }
    }
    for (const slug of ['nobody', '\u0000', "x' or 1=1", '🦀']) {
      const path = `/operator/publications/${encodeURIComponent(slug)}/digests`;
      const answer = await post(`${ownApp.url}${path}`, {}, { cookie });
      expect([slug, answer.status]).toEqual([slug, 404]);
    }
    for (const query of ['?done=toString', '?done=<b>', '?done[]=sending']) {
      const answer = await open(`${ownApp.url}/operator/publications/lantern${query}`, { cookie });
      expect([query, answer.status]).toEqual([query, 200]);
      expect(await answer.text()).toContain('<div role="status"></div>');
    }
    expect((await open(`${ownApp.url}/operator/publications/nobody`, { cookie })).status).toBe(404);
    expect((await open(`${ownApp.url}/operator/nowhere`, { cookie })).status).toBe(404);
    expect(
      changedTables(before, await dumpTables(ownApp.context.db, ['rate_limits', 'operator_sessions'])),
    ).toEqual([]);
  });

  test('shows one newsletter at a time, and the way to the others', async () => {
    await ownApp.createPublication({ slug: 'beacon', name: 'The <Beacon>' });
    const html = await page('', 'beacon');
    expect(html).toContain('<h1>The &lt;Beacon&gt;</h1>');
    expect(html).toContain('href="/operator/publications/lantern"');
    await signUp(ownApp, 'beacon@example.com', { slug: 'beacon' });
    expect(await page()).toMatch(/Waiting to confirm<br>\+1 in 30 days<\/dt><dd>(<a[^>]*>)?1</);
  });
});

function publicationOf({ context }: TestApp): Promise<Publication> {
  return context.db.one<Publication>(sql`select * from publications where slug = 'lantern'`);
}

/** An article that an operator held in its hold window. */
async function heldArticle(title: string, at: TestApp = testApp): Promise<string> {
  const lantern = await publicationOf(at);
  const patient = { ...lantern, holdMinutes: 60 };
  const pushed = await pushArticle(at.context, patient, { title, content: '<p>News.</p>' });
  if (pushed.kind === 'known') throw new Error('The article is known');
  expect(await holdArticle(at.context, pushed.id)).toMatchObject({ kind: 'done' });
  return pushed.id;
}
