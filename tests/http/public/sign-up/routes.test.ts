import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { sql } from '../../../../src/platform/db/sql.js';
import { openTestApp, type TestApp } from '../../../support/test-app.js';
import { changedTables, dumpTables, type TableDump } from '../../../support/table-dump.js';
import { archive, lastMail, open, post, postJson, signUp } from '../../../support/reader-actions.js';

let testApp: TestApp;
let form: string;

beforeAll(async () => {
  testApp = await openTestApp();
  await testApp.createPublication();
  form = `${testApp.url}/lantern/subscriptions`;
});

beforeEach(() => testApp.context.db.run(sql`delete from sign_up_limits`));

afterAll(() => testApp.close());

describe('a form that is filled in', () => {
  test('leads on to "check your inbox", and one request is recorded with what she chose', async () => {
    const answer = await post(form, {
      email: ' Wanjiru@Example.com ',
      cadence: 'weekly',
      timezone: 'Africa/Nairobi',
      locale: 'sw',
      source: 'https://lantern.example/tides',
      website: '',
      theme: 'a field of the publisher’s own',
    });
    expect(answer.status).toBe(303);
    expect(answer.headers.get('location')).toMatch(/^\/check-inbox\/[\w-]{82}$/);
    expect(answer.headers.get('set-cookie')).toBeNull();
    const requests = await testApp.context.db.many(sql`
      select email, cadence, timezone, locale, source, outcome, created_at from sign_up_requests
    `);
    expect(requests).toEqual([
      {
        email: 'Wanjiru@example.com',
        cadence: 'weekly',
        timezone: 'Africa/Nairobi',
        locale: 'sw',
        source: 'https://lantern.example/tides',
        outcome: null,
        createdAt: testApp.context.now(),
      },
    ]);
    expect(await testApp.runDueJobs()).toEqual(['answer-sign-ups', 'send-notice']);
    expect((await lastMail(testApp)).to).toBe('Wanjiru@example.com');
  });

  test('sent by a program as JSON is answered 202 with a status and nothing else', async () => {
    const answer = await postJson(form, { email: 'program@example.com', cadence: 'daily' });
    expect(answer.status).toBe(202);
    expect(await answer.json()).toEqual({ status: 'check-inbox' });
    expect(answer.headers.get('set-cookie')).toBeNull();
    await testApp.runDueJobs();
    expect((await lastMail(testApp)).to).toBe('program@example.com');
  });

  test('sent by a form of ours by a page that prefers JSON is answered as JSON too', async () => {
    const answer = await post(form, { email: 'script@example.com' }, { accept: 'application/json' });
    expect([answer.status, await answer.json()]).toEqual([202, { status: 'check-inbox' }]);
  });

  test('keeps a tracking tag, an apostrophe and letters of any script in the domain of the address', async () => {
    for (const email of ["o'brien+news@example.com", 'leser@bücher.example']) {
      expect([email, (await signUp(testApp, email)).status]).toEqual([email, 303]);
    }
    const to = testApp.smtp.messages.map((message) => message.to);
    expect(to.slice(-2)).toEqual(["o'brien+news@example.com", 'leser@xn--bcher-kva.example']);
  });

  test('offers topics only where there are some', async () => {
    expect(await (await open(`${testApp.url}/lantern`)).text()).toContain('<summary>How often</summary>');
    await testApp.createPublication({ slug: 'topical', name: 'The Topical', topics: ['Harbour'] });
    for (const path of ['/topical', '/embed/topical'])
      expect(await (await open(testApp.url + path)).text()).toContain('How often, and about what');
  });

  test('with a source that is not one line, or an unknown language, is accepted without these', async () => {
    await postJson(form, { email: 'odd@example.com', source: 'two\r\nlines', locale: '<b>' });
    expect(
      await testApp.context.db.maybe(
        sql`select source, locale from sign_up_requests where email = 'odd@example.com'`,
      ),
    ).toEqual({ source: null, locale: null });
  });
});

describe('a form that cannot be accepted records nothing', () => {
  let before: TableDump;
  beforeEach(async () => {
    await testApp.runDueJobs();
    before = await dumpTables(testApp.context.db);
  });
  const nothingRecorded = async () =>
    expect(changedTables(before, await dumpTables(testApp.context.db))).toEqual([]);

  test.each([
    ['empty', '', 'Enter your email address.'],
    ['only spaces', '   ', 'Enter your email address.'],
    ['without an @', 'wanjiru.example.com', 'That doesn&#39;t look complete.'],
    ['without a domain', 'wanjiru@', 'That doesn&#39;t look complete.'],
    ['with a NUL byte', 'wanjiru\u0000@example.com', 'That doesn&#39;t look complete.'],
    [
      'with a second header behind it',
      'a@example.com\r\nBcc: b@example.com',
      'That doesn&#39;t look complete.',
    ],
    ['with a blank in it', 'a b@example.com', 'There is a blank in it.'],
    ['with a dot at its end', ' x@example.com. ', 'It ends with a dot.'],
    ['with two addresses', 'a@example.com, b@example.com', 'That doesn&#39;t look complete.'],
    ['of 3,000 characters', `${'a'.repeat(3000)}@example.com`, 'That doesn&#39;t look complete.'],
  ])(
    'an address %s: the page says so beside the field, as a page and as problem+json',
    async (_, email, words) => {
      const answer = await post(form, { email });
      const page = await answer.text();
      expect(answer.status).toBe(422);
      expect(page).toContain(words);
      expect(page).toContain('aria-invalid="true"');
      expect(page).toContain('<title>Error: ');
      const problem = await postJson(form, { email });
      expect(problem.status).toBe(422);
      expect(problem.headers.get('content-type')).toMatch('application/problem+json');
      expect(await problem.json()).toMatchObject({
        status: 422,
        code: 'invalid-form',
        detail: expect.stringContaining(words.replace('&#39;', "'")),
      });
      await nothingRecorded();
    },
  );

  test('what she typed is still in the form, escaped', async () => {
    const page = await (
      await post(form, { email: 'wanjiru@"><script>', source: 'https://lantern.example/tides' })
    ).text();
    expect(page).toContain('value="wanjiru@&#34;&gt;&lt;script&gt;"');
    expect(page).toContain('value="https://lantern.example/tides"');
    expect(page).not.toContain('<script');
  });

  test('when a browser filled in the trap field she is told, and her address is still there', async () => {
    const answer = await post(form, { email: 'reader@example.com', website: 'https://spam.example' });
    const page = await answer.text();
    expect(answer.status).toBe(422);
    expect(page).toContain('Something filled a field that is hidden on purpose.');
    expect(page).toContain('value="reader@example.com"');
    expect(page).not.toContain('spam.example');
    await nothingRecorded();
  });

  test.each([
    ['two addresses in one form', 'email=a%40example.com&email=b%40example.com', 'email'],
    ['a cadence that goes on and on', `email=a%40example.com&cadence=${'x'.repeat(50)}`, 'cadence'],
    ['a NUL byte in the time zone', 'email=a%40example.com&timezone=UTC%00', 'timezone'],
    ['a line end in the cadence', 'email=a%40example.com&cadence=daily%0D%0Aweekly', 'cadence'],
  ])('%s: the page names the field', async (_, body, field) => {
    const answer = await post(form, body);
    expect(answer.status).toBe(422);
    expect(await answer.text()).toContain(`not a line of text: ${field}. Nothing was saved.`);
    await nothingRecorded();
  });

  test.each([
    ['a list for an address', { email: ['a@example.com'] }, 422],
    ['an object for an address', { email: { $ne: '' } }, 422],
    ['a number for an address', { email: 7 }, 422],
    ['an object for a cadence', { email: 'a@example.com', cadence: {} }, 422],
    ['a list for a form', [{ email: 'a@example.com' }], 422],
    ['half a pair of surrogates for a cadence', { email: 'a@example.com', cadence: '\ud800' }, 422],
    ['half a form', '{"email": "a@exam', 400],
    ['a word for a form', '"a@example.com"', 400],
  ])('%s in JSON: a problem that a program can read', async (_, body, status) => {
    const answer = await postJson(form, body);
    expect(answer.status).toBe(status);
    expect(answer.headers.get('content-type')).toMatch('application/problem+json');
    expect(await answer.json()).toMatchObject({ status, code: 'refused', detail: expect.any(String) });
    await nothingRecorded();
  });

  test('a body of another type, or far too long, is refused as such', async () => {
    const text = await post(form, 'email=a@example.com', { 'content-type': 'text/plain' });
    expect([text.status, await text.text()]).toEqual([415, expect.stringContaining('Nothing was saved.')]);
    const parts = new FormData();
    parts.set('email', 'a@example.com');
    expect((await fetch(form, { method: 'POST', body: parts })).status).toBe(415);
    const long = await post(form, `email=a%40example.com&more=${'x'.repeat(30_000)}`);
    expect([long.status, await long.text()]).toEqual([413, expect.stringContaining('Nothing was saved.')]);
    await nothingRecorded();
  });

  test('a newsletter that does not exist, under whatever name', async () => {
    for (const slug of ['nobody', '%00', '..%2f', '%E2%82%AC', 'x'.repeat(300), "lantern'--"]) {
      const answer = await post(`${testApp.url}/${slug}/subscriptions`, { email: 'a@example.com' });
      expect([slug, answer.status]).toEqual([slug, slug === '%00' ? 400 : 404]);
      expect(await answer.text()).toContain('<h1>');
    }
    await nothingRecorded();
  });

  test('an archived newsletter says so on its page, and to programs', async () => {
    const { id } = await testApp.createPublication({ slug: 'closed', name: 'The Closed' });
    await archive(testApp, id);
    before = await dumpTables(testApp.context.db, []);
    const page = await open(`${testApp.url}/closed`);
    expect([page.status, await page.text()]).toEqual([
      410,
      expect.stringContaining('The Closed has stopped sending'),
    ]);
    const answer = await post(`${testApp.url}/closed/subscriptions`, { email: 'a@example.com' });
    expect([answer.status, await answer.text()]).toEqual([
      410,
      expect.stringContaining('It takes no new subscriptions'),
    ]);
    const problem = await postJson(`${testApp.url}/closed/subscriptions`, { email: 'a@example.com' });
    expect(await problem.json()).toMatchObject({ status: 410, code: 'archived' });
    await nothingRecorded();
  });
});

describe('one network', () => {
  test('may sign up sixty readers in ten minutes; the next is asked to come back, and told when', async () => {
    for (let count = 0; count < 60; count += 1) {
      const { status } = await post(form, { email: `colleague${count}@example.com` });
      expect([count, status]).toEqual([count, 303]);
    }
    await testApp.runDueJobs();
    const before = await dumpTables(testApp.context.db);
    const typed = {
      email: 'colleague60@example.com',
      cadence: 'weekly',
      source: 'https://lantern.example/1',
    };
    const answer = await post(form, typed);
    expect(answer.status).toBe(429);
    const seconds = Number(answer.headers.get('retry-after'));
    expect(seconds).toBeGreaterThan(500);
    expect(seconds).toBeLessThanOrEqual(600);
    const page = await answer.text();
    expect(page).toContain('Too many requests from this network. Try again in 10 minutes.');
    // What she typed is in the page, to be sent again.
    expect(page).toContain('<form action="/lantern/subscriptions" method="post"');
    expect(page).toMatch(/<input id="email" name="email" type="email" value="colleague60@example.com"/);
    expect(page).toContain('name="cadence" value="weekly"');
    expect(page).toContain('name="source" value="https://lantern.example/1"');
    expect(page).toContain('>Try again</button>');
    const problem = await postJson(form, { email: 'colleague60@example.com' });
    expect(problem.headers.get('retry-after')).toMatch(/^\d+$/);
    expect(await problem.json()).toMatchObject({ status: 429, code: 'tooMany' });
    expect(changedTables(before, await dumpTables(testApp.context.db))).toEqual([]);
  });

  test('is counted under a hash', async () => {
    await post(form, { email: 'one@example.com' });
    const rows = await testApp.context.db.many<{ key: string }>(sql`
      select key from sign_up_limits where key like 'network%' order by key
    `);
    expect(rows).toEqual([
      { key: expect.stringMatching(/^network [\w-]{43}$/) },
      { key: expect.stringMatching(/^networks [\w-]{43}$/) },
    ]);
  });
});

test('one newsletter is the front page; several are a list, and none says what to do', async () => {
  const others = await openTestApp();
  try {
    expect(await (await open(others.url)).text()).toContain('No newsletters yet');
    await others.createPublication();
    const front = await open(others.url);
    expect([front.status, front.headers.get('location')]).toEqual([302, '/lantern']);
    expect(await (await open(`${others.url}/lantern`)).text()).toContain('action="/lantern/subscriptions"');
    await others.createPublication({ slug: 'beacon', name: 'The Beacon' });
    const list = await (await open(others.url)).text();
    expect(list).toContain('<a href="/lantern">The Lantern</a>');
    expect(list).toContain('<a href="/beacon">The Beacon</a>');
  } finally {
    await others.close();
  }
});
