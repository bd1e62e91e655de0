import { createServer, type AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { connectDatabase } from '../../../src/platform/db/database.js';
import { sql } from '../../../src/platform/db/sql.js';
import { findPublicationBySlug } from '../../../src/publications/reads.js';
import { networkOf } from '../../../src/platform/crypto/network-hash.js';
import { openTestApp, type TestApp } from '../../support/test-app.js';
import { countRows, open, post, postJson } from '../../support/reader-actions.js';
import { showWorker } from '../show-worker.js';
import { startWebServer } from '../start-web-server.js';
import { archivePublication } from '../../../src/publications/change-publication.js';

let testApp: TestApp;

beforeAll(async () => {
  testApp = await openTestApp();
  await testApp.createPublication();
  await showWorker(testApp);
});

afterAll(() => testApp.close());

describe('a page that is not there', () => {
  test.each(['/nowhere', '/lantern/nowhere', '/confirm', '/assets/nothing.css', '/inbox', '/demo', '/.env'])(
    '%s: a page for people, a problem for programs',
    async (path) => {
      const page = await open(`${testApp.url}${path}`);
      expect([page.status, page.headers.get('content-type')]).toEqual([404, 'text/html; charset=utf-8']);
      expect(await page.text()).toContain('<h1>There is no page here</h1>');
      const problem = await fetch(`${testApp.url}${path}`, { headers: { accept: 'application/json' } });
      expect([problem.status, problem.headers.get('content-type')]).toEqual([
        404,
        'application/problem+json; charset=utf-8',
      ]);
      expect(await problem.json()).toEqual({
        type: 'about:blank',
        title: 'Not Found',
        status: 404,
        code: 'notFound',
        detail: expect.stringContaining('Nothing about your emails has changed.'),
      });
    },
  );

  test('programs without an Accept header get the page', async () => {
    expect((await fetch(`${testApp.url}/nowhere`)).headers.get('content-type')).toBe(
      'text/html; charset=utf-8',
    );
  });

  test('a malformed address is answered 400, not 500', async () => {
    for (const path of ['/%', '/%ff', '/%00', '/lantern%00', '/assets/%00', '/operator/enter/%']) {
      const answer = await open(`${testApp.url}${path}`);
      expect([path, answer.status < 500, (await answer.text()).includes('<h1>')]).toEqual([path, true, true]);
    }
  });
});

describe('an error page of a newsletter', () => {
  beforeAll(async () => {
    await testApp.createPublication({
      slug: 'quay',
      name: 'The Quay',
      locale: 'sw',
      accent: '#0f766e',
      archive: 'off',
    });
  });

  test.each([
    '/quay/nope',
    '/quay/archive',
    '/quay/archive/xyz?before=1',
    '/lantern/archive/019aa000-0000-7000-8000-000000000001',
  ])('%s: is in its colours and its language, and leads to its page', async (path) => {
    const page = await (await open(`${testApp.url}${path}`)).text();
    const slug = path.split('/')[1] ?? '';
    expect(page).toContain(`<p><a class="button primary" href="/${slug}">`);
    expect(page).toContain(slug === 'quay' ? 'accent-0f766e.css' : 'The Lantern</a></p>');
    expect(page).toContain(slug === 'quay' ? '<html lang="sw"' : 'Go to The Lantern');
    expect(page).not.toContain('href="/">');
  });

  test('an error page without a newsletter leads to all newsletters', async () => {
    for (const path of ['/nowhere/archive', '/there/is/nothing', '/confirm', '/%'])
      expect(await (await open(`${testApp.url}${path}`)).text()).toContain(
        '<a class="button primary" href="/">',
      );
  });

  test('also after an internal error, with a way to try again', async () => {
    await testApp.context.db.run(sql`alter table digests rename to mislaid`);
    try {
      const answer = await open(`${testApp.url}/lantern/archive`);
      const page = await answer.text();
      expect(answer.status).toBe(500);
      expect(page).toContain('<a class="button primary" href="">Try again</a>');
      expect(page).toContain('You can also write to help@lantern.example.');
    } finally {
      await testApp.context.db.run(sql`alter table mislaid rename to digests`);
    }
  });

  test('below a link that came by mail it leads back to what that link opens', async () => {
    const { id = '' } = (await findPublicationBySlug(testApp.context.db, 'lantern')) ?? {};
    const path = `/unsubscribe/${testApp.context.links.sign('unsubscribe', { scope: id, subject: id })}`;
    await testApp.context.db.run(sql`alter table subscriptions rename to mislaid`);
    try {
      const answer = await post(`${testApp.url}${path}/fewer`);
      const page = await answer.text();
      expect(answer.status).toBe(500);
      expect(page).toContain(`<a class="button primary" href="${path}">Back to the page`);
      expect(page).toContain('The Lantern</a></p>');
    } finally {
      await testApp.context.db.run(sql`alter table mislaid rename to subscriptions`);
    }
  });
});

describe('a link that opens nothing any more', () => {
  const start = '<a class="button primary" href="/lantern">Start again</a>';
  const settings = '<a class="button primary" href="/lantern/manage">Send me my link</a>';

  test.each([
    ['confirm', start],
    ['check-inbox', start],
    ['manage', settings],
    ['never', settings],
  ])(
    '/%s: cut or changed, its page still names the newsletter, and where to begin again',
    async (word, step) => {
      const { id = '' } = (await findPublicationBySlug(testApp.context.db, 'lantern')) ?? {};
      const token = testApp.context.links.sign(word, { scope: id, subject: id });
      for (const broken of [
        token,
        token.slice(0, 40),
        `${token}A`,
        `${token.slice(0, 60)}${'A'.repeat(22)}`,
      ]) {
        const answer = await open(`${testApp.url}/${word}/${broken}`);
        const page = await answer.text();
        expect([broken, answer.status]).toEqual([broken, 404]);
        expect(page).toContain('The Lantern</a></p>');
        expect(page).toContain(step);
      }
      const short = await (await open(`${testApp.url}/${word}/${token.slice(0, 20)}`)).text();
      expect(short).toContain('<a class="button primary" href="/">See the newsletters</a>');
      expect(short).not.toContain('The Lantern');
    },
  );

  test('of an archived newsletter leads to none of its pages', async () => {
    const stopped = await testApp.createPublication({ slug: 'stopped', name: 'The Stopped' });
    await archivePublication(testApp.context, stopped.id);
    const token = testApp.context.links.sign('manage', { scope: stopped.id, subject: stopped.id });
    const page = await (await open(`${testApp.url}/manage/${token}`)).text();
    expect(page).toContain('<a class="button primary" href="/">');
    expect(page).not.toContain('href="/stopped');
  });
});

describe('when something is broken', () => {
  test('with the database away, readers are told when to come again and nothing that is not known, under a reference', async () => {
    const nobody = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => nobody.once('listening', resolve));
    const { port } = nobody.address() as AddressInfo;
    await new Promise((resolve) => nobody.close(resolve));
    const db = connectDatabase(`postgres://nobody@127.0.0.1:${port}/none`, () => {});
    const alone = await startWebServer({ ...testApp.context, db }, testApp.keys, async () => 'It is away.');
    try {
      const page = await open(`${alone.url}/lantern`);
      const html = await page.text();
      expect(page.status).toBe(503);
      expect(html).toContain('We can&#39;t do that just now');
      expect(html).toContain('it may or may not have been saved');
      expect(page.headers.get('retry-after')).toBe('30');
      expect(html).toMatch(/Reference <code>[0-9a-f]{8}<\/code>/);
      expect(html).not.toContain('ECONNREFUSED');
      const signUp = await post(`${alone.url}/lantern/subscriptions`, { email: 'a@example.com' });
      expect([signUp.status, signUp.headers.get('retry-after')]).toEqual([503, '30']);
      const api = await fetch(`${alone.url}/api/v1/publications`, {
        headers: { authorization: `Bearer pr_${'a'.repeat(40)}` },
      });
      expect([api.status, api.headers.get('retry-after'), await api.json()]).toEqual([
        503,
        '30',
        expect.objectContaining({ code: 'unavailable' }),
      ]);
      expect((await open(`${alone.url}/healthz`)).status).toBe(200);
      const ready = await open(`${alone.url}/readyz`);
      expect([ready.status, await ready.json()]).toEqual([
        503,
        { status: 'not-ready', database: false, queue: false, worker: true, mail: true },
      ]);
    } finally {
      await alone.close();
      await db.close();
    }
  });

  test('a backend of Postgres that was stopped makes nobody wait longer than a statement may take', async () => {
    const url = testApp.context.db.pool.options.connectionString ?? '';
    const limits = { connectLimitMs: 500, statementLimitMs: 500 };
    const db = connectDatabase(url, () => {}, 1, limits);
    const alone = await startWebServer({ ...testApp.context, db }, testApp.keys);
    const { pid } = await db.one<{ pid: number }>(sql`select pg_backend_pid() as pid`);
    process.kill(pid, 'SIGSTOP');
    try {
      const began = performance.now();
      const answers = await Promise.all([
        open(`${alone.url}/lantern`),
        open(`${alone.url}/lantern/archive`),
        post(`${alone.url}/lantern/subscriptions`, { email: 'a@example.com' }),
      ]);
      expect(performance.now() - began).toBeLessThan(3_000);
      for (const answer of answers)
        expect([answer.status, answer.headers.get('retry-after')]).toEqual([503, '30']);
      expect((await open(`${alone.url}/lantern`)).status).toBe(200);
    } finally {
      process.kill(pid, 'SIGCONT');
      await alone.close();
      await db.close();
    }
  });

  test('an internal error shows a reference and no details, and claims nothing that is not known', async () => {
    await testApp.context.db.run(sql`alter table outbox rename to mislaid`);
    try {
      const form = `${testApp.url}/lantern/subscriptions`;
      const answer = await post(form, { email: 'a@example.com' });
      const html = await answer.text();
      expect(answer.status).toBe(500);
      expect(html).toContain('it may or may not have been saved');
      expect(html).not.toContain('Nothing was saved');
      expect(html).toMatch(/Reference <code>[0-9a-f]{8}<\/code>/);
      expect(html).not.toMatch(/outbox|relation/);
      const problem = await postJson(form, { email: 'a@example.com' });
      expect(await problem.json()).toMatchObject({
        status: 500,
        code: 'broken',
        reference: expect.stringMatching(/^[0-9a-f]{8}$/),
      });
    } finally {
      await testApp.context.db.run(sql`alter table mislaid rename to outbox`);
    }
    expect(await countRows(testApp, 'requests')).toBe(0);
  });
});

test('style sheets and pictures may be cached for ever, under names that change with their content', async () => {
  const page = await (await open(`${testApp.url}/lantern`)).text();
  const path = /href="(\/assets\/paperround-[0-9a-f]+\.css)"/.exec(page)?.[1] ?? '';
  const answer = await fetch(`${testApp.url}${path}`);
  expect(answer.headers.get('content-type')).toBe('text/css; charset=utf-8');
  expect(answer.headers.get('cache-control')).toBe('public, max-age=31536000, immutable');
  expect(answer.headers.get('set-cookie')).toBeNull();
});

test('a network is an IPv4 address or an IPv6 /64, however it is written', () => {
  expect(networkOf('203.0.113.7')).toBe(networkOf('::ffff:203.0.113.7'));
  expect(networkOf('203.0.113.7')).not.toBe(networkOf('203.0.113.8'));
  expect(networkOf('2001:db8:1:2::1')).toBe(networkOf('2001:db8:1:2:ffff:ffff:ffff:ffff'));
  expect(networkOf('2001:db8:1:2::1')).not.toBe(networkOf('2001:db8:1:3::1'));
  expect(networkOf(undefined)).toBe(networkOf('not an address'));
});
