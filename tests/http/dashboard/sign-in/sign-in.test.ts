import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { removeOperator } from '../../../../src/operators/accounts.js';
import { sql } from '../../../../src/platform/db/sql.js';
import { MINUTE_MS } from '../../../../src/platform/durations.js';
import type { Publication } from '../../../../src/publications/publication.js';
import { resetTestApp } from '../../../support/fixtures.js';
import { mainText } from '../../../support/operator-session.js';
import { post } from '../../../support/reader-actions.js';
import { openTestApp, type TestApp } from '../../../support/test-app.js';
import { addAccount, codeNow, hiddenField, PASSWORD, signedIn, switchCodesOn } from './accounts.js';
import { openBrowser } from './browser.js';

let testApp: TestApp;
let publication: Publication;

beforeAll(async () => {
  testApp = await openTestApp({ settings: { TRUST_PROXY: '1' } });
});
beforeEach(async () => {
  await resetTestApp(testApp);
  publication = await testApp.createPublication();
});
afterAll(() => testApp.close());

const from = (network: string) => ({ 'x-forwarded-for': network });
const welcome = '/operator/publications/lantern/look/welcome';

describe('a password', () => {
  test('that is wrong, or an address without an account, gets the same words, status and headers', async () => {
    await addAccount(testApp, 'ada@example.com');
    const answers = [];
    for (const [at, email] of ['ada@example.com', 'nobody@example.com', 'no address', 'a@b@c'].entries()) {
      const browser = openBrowser(testApp, from(`192.0.2.${at}`));
      const answer = await browser.send('/operator/sign-in', { email, password: 'not the right one' });
      const html = (await answer.text()).replaceAll(email, 'TYPED');
      const headers = [...answer.headers.keys()].toSorted().join();
      answers.push(`${answer.status} ${headers} ${html}`);
      expect(html).toContain('do not belong together');
      expect(browser.cookies.size).toBe(0);
    }
    expect(new Set(answers).size).toBe(1);
  });

  test('takes as long to refuse for an address without an account, and for an account without a password', async () => {
    await addAccount(testApp, 'ada@example.com');
    const { db } = testApp.context;
    await db.run(sql`
      insert into operators (email, email_key, created_at) values ('eda@example.com', 'eda@example.com', now())
    `);
    const times: Record<string, number[]> = { ada: [], eda: [], nobody: [] };
    for (let round = 0; round < 31; round++)
      for (const name of Object.keys(times)) {
        const began = performance.now();
        const fields = { email: `${name}@example.com`, password: `wrong for the ${round}th time` };
        await post(`${testApp.url}/operator/sign-in`, fields, from(`198.51.${round}.${name.length}`));
        times[name]?.push(performance.now() - began);
      }
    const medians = Object.values(times).map((each) => each.toSorted((a, b) => a - b)[15] ?? 0);
    // A hash takes some 20 ms: without it the answer would come in a tenth of the time.
    expect(Math.max(...medians) / Math.min(...medians)).toBeLessThan(1.5);
  });

  test('is counted by account and network: elsewhere, and in her own browser, she signs in as ever', async () => {
    await addAccount(testApp, 'ada@example.com');
    await addAccount(testApp, 'bo@example.com');
    const known = openBrowser(testApp, from('203.0.113.7'));
    await known.send('/operator/sign-in', { email: 'ada@example.com', password: PASSWORD });
    await known.send('/operator/sign-out');

    // Somebody in the same network as she tries passwords for her account.
    const attacker = openBrowser(testApp, from('203.0.113.7'));
    const attempt = (email: string) =>
      attacker.send('/operator/sign-in', { email, password: 'is it this one' });
    for (let tries = 0; tries < 10; tries++) expect((await attempt('ada@example.com')).status).toBe(422);
    const limited = await attempt('Ada@Example.com');
    expect([limited.status, Number(limited.headers.get('retry-after')) > 0]).toEqual([429, true]);
    expect(mainText(await limited.text())).toContain('Too many tries from here. Try again in 15 minutes.');
    // Also with the right one, and not for other accounts.
    expect(
      (await attacker.send('/operator/sign-in', { email: 'ada@example.com', password: PASSWORD })).status,
    ).toBe(429);
    expect((await attempt('bo@example.com')).status).toBe(422);
    expect((await attempt('nobody@example.com')).status).toBe(422);

    const elsewhere = openBrowser(testApp, from('192.0.2.55'));
    const right = { email: 'ada@example.com', password: PASSWORD };
    expect((await elsewhere.send('/operator/sign-in', right)).status).toBe(303);
    expect((await known.send('/operator/sign-in', right)).status).toBe(303);
  });

  test('may be tried without end from nowhere: a browser that knows the account has a limit of its own', async () => {
    await addAccount(testApp, 'ada@example.com');
    await addAccount(testApp, 'bo@example.com');
    const browser = openBrowser(testApp);
    await browser.send('/operator/sign-in', { email: 'ada@example.com', password: PASSWORD });
    await browser.send('/operator/sign-out');
    const statuses = [];
    for (let tries = 0; tries < 11; tries++)
      statuses.push(
        (await browser.send('/operator/sign-in', { email: 'ada@example.com', password: 'guess' })).status,
      );
    expect(statuses).toEqual([...Array.from({ length: 10 }, () => 422), 429]);
    // A cookie of one account, or one that was made up, frees nobody from counting for another.
    const value = browser.cookies.get('paperround_device') ?? '';
    for (const device of [value, `${value.slice(0, -1)}A`, 'x.y.z', '']) {
      const other = openBrowser(testApp, from('192.0.2.99'));
      other.cookies.set('paperround_device', device);
      await other.send('/operator/sign-in', { email: 'bo@example.com', password: 'guess' });
    }
    const counted = await testApp.context.db.many<{ points: number }>(sql`
      select points from rate_limits where key like 'sign-in:password %' and points = 4
    `);
    expect(counted).toHaveLength(1);
  });

  test('opens nothing once the account is removed', async () => {
    const ada = await addAccount(testApp, 'ada@example.com');
    const browser = await signedIn(testApp, 'ada@example.com');
    await removeOperator(testApp.context, ada.id);
    expect((await browser.get(welcome)).headers.get('location')).toContain('/operator/sign-in');
    const again = await post(`${testApp.url}/operator/sign-in`, {
      email: 'ada@example.com',
      password: PASSWORD,
    });
    expect(again.status).toBe(422);
    expect(await testApp.context.db.many(sql`select * from operator_passwords`)).toEqual([]);
  });
});

describe('the session', () => {
  test('has another id after signing in than one that was planted, and none is made before', async () => {
    await addAccount(testApp, 'ada@example.com');
    const browser = openBrowser(testApp);
    await browser.get('/operator/sign-in');
    expect([...browser.cookies.keys()]).toEqual([]);
    const victim = await signedIn(testApp, 'ada@example.com');
    const planted = victim.cookies.get('paperround_operator') ?? '';
    browser.cookies.set('paperround_operator', planted);
    await browser.send('/operator/sign-in', { email: 'ada@example.com', password: PASSWORD });
    expect(browser.cookies.get('paperround_operator')).not.toBe(planted);
    // What was planted signs nobody in any more.
    expect((await victim.get(welcome)).status).toBe(303);
  });

  test('ends after a week, also when it is used every day, and when its row comes back without its columns', async () => {
    await addAccount(testApp, 'ada@example.com');
    const browser = await signedIn(testApp, 'ada@example.com');
    for (let day = 0; day < 6; day++) {
      testApp.advanceClock(24 * 60 * MINUTE_MS);
      expect((await browser.get(welcome)).status).toBe(200);
    }
    testApp.advanceClock(24 * 60 * MINUTE_MS);
    expect((await browser.get(welcome)).status).toBe(303);

    const other = await signedIn(testApp, 'ada@example.com');
    // As when a request that was under way stores a session that was ended meanwhile.
    await testApp.context.db.run(sql`
      update operator_sessions set operator_id = null, signed_in_at = null, fresh_at = null
    `);
    expect((await other.get(welcome)).status).toBe(303);
  });

  test('leads to the page that was asked for, and never to another site', async () => {
    await addAccount(testApp, 'ada@example.com');
    const asked = await openBrowser(testApp).get(`${welcome}?done=saved`);
    const next = new URL(asked.headers.get('location') ?? '', testApp.url).searchParams.get('next') ?? '';
    expect(next).toBe(`${welcome}?done=saved`);
    const follow = async (next: string) => {
      const fields = { email: 'ada@example.com', password: PASSWORD, next };
      return (await openBrowser(testApp).send('/operator/sign-in', fields)).headers.get('location');
    };
    expect(await follow(next)).toBe(next);
    for (const evil of [
      'https://evil.example/operator',
      '//evil.example/operator',
      '/\\evil.example',
      '/operator\\@evil.example',
      '/operator/../../evil',
      '/operator@evil.example',
      '/operator/%0d%0aset-cookie:x',
      '/operator\n//evil.example',
      'javascript:alert(1)',
      '/operator/sign-out',
      '/lantern/manage',
      'x'.repeat(3000),
    ])
      expect([evil, await follow(evil)]).toEqual([
        evil,
        expect.stringMatching(/^\/operator(\/%0d%0aset-cookie:x)?$/),
      ]);
  });
});

describe('a form that is sent by a browser that is not signed in any more', () => {
  test('is kept through signing in with a code, is shown again, and is sent when its button is pressed', async () => {
    const ada = await addAccount(testApp, 'ada@example.com');
    await switchCodesOn(testApp, ada.id);
    const browser = openBrowser(testApp);
    const words = 'Welcome “aboard”.\r\n\r\n<b>Read</b> & "enjoy"';
    const asked = await post(
      testApp.url + welcome,
      { welcomeText: words, password: 'secret of the page' },
      { referer: `${testApp.url}${welcome}?done=x` },
    );
    const page = await asked.text();
    expect([asked.status, page]).toEqual([401, expect.stringContaining('What you typed is kept')]);
    expect(page).not.toContain('secret of the page');
    const carried = (html: string) => ({ next: hiddenField(html, 'next'), kept: hiddenField(html, 'kept') });
    const code = await browser.send('/operator/sign-in', {
      ...{ email: 'ada@example.com', password: PASSWORD },
      ...carried(page),
    });
    const codePage = await code.text();
    const entered = await browser.send('/operator/sign-in/code', {
      ...{ ticket: hiddenField(codePage, 'ticket'), code: await codeNow(testApp, ada.id) },
      ...carried(codePage),
    });
    const shown = await entered.text();
    expect([entered.status, shown]).toEqual([200, expect.stringContaining('Your form was not sent')]);
    expect(shown).toContain(`action="${welcome}"`);
    expect(shown).toContain('Welcome “aboard”.\n\n&lt;b&gt;Read&lt;/b&gt; &amp; &#34;enjoy&#34;</textarea>');
    expect(shown).toContain(`href="${welcome}?done=x"`);
    expect(await welcomeText()).toBeNull();
    expect((await browser.send(welcome, { welcomeText: words })).status).toBe(303);
    expect(await welcomeText()).toBe('Welcome “aboard”.\n\n<b>Read</b> & "enjoy"');
  });

  test('that is too large, or no form, is not kept, and the page says so', async () => {
    const large = await post(testApp.url + welcome, { welcomeText: 'x'.repeat(120_000) });
    expect([large.status, await large.text()]).toEqual([
      401,
      expect.stringContaining('could not be kept here'),
    ]);
    const json = await fetch(testApp.url + welcome, {
      method: 'POST',
      headers: { 'content-type': 'application/json', accept: 'application/json' },
      body: '{}',
    });
    expect([json.status, await json.json()]).toEqual([
      401,
      expect.objectContaining({ code: 'not-signed-in' }),
    ]);
  });

  test('leads to no page but a form of the dashboard, whatever a page before it said', async () => {
    await addAccount(testApp, 'ada@example.com');
    for (const path of [
      'https://evil.example/x',
      '/operator/sign-out',
      '/lantern/subscriptions',
      '/operator/nothing',
    ]) {
      const kept = JSON.stringify({ path, fields: [['a', 'b']], back: 'https://evil.example/' });
      const fields = { email: 'ada@example.com', password: PASSWORD, kept };
      const answer = await openBrowser(testApp).send('/operator/sign-in', fields);
      expect([path, answer.status, answer.headers.get('location')]).toEqual([path, 303, '/operator']);
    }
  });

  async function welcomeText(): Promise<string | null> {
    const { db } = testApp.context;
    const row = await db.one<{ welcomeText: string | null }>(
      sql`select welcome_text from publications where id = ${publication.id}`,
    );
    return row.welcomeText;
  }
});

describe('a code after the password', () => {
  const begin = async () => {
    const browser = openBrowser(testApp);
    const answer = await browser.send('/operator/sign-in', { email: 'ada@example.com', password: PASSWORD });
    const ticket = hiddenField(await answer.text(), 'ticket');
    return {
      browser,
      ticket,
      type: (code: string) => browser.send('/operator/sign-in/code', { ticket, code }),
    };
  };

  test('works once, is taken with blanks, and a wrong one is asked for again', async () => {
    const { id } = await addAccount(testApp, 'ada@example.com');
    await switchCodesOn(testApp, id);
    const first = await begin();
    // Nobody is signed in by the password alone.
    expect((await first.browser.get(welcome)).status).toBe(303);
    const wrong = await first.type('000000');
    expect([wrong.status, await wrong.text()]).toEqual([
      422,
      expect.stringContaining('This code is not right'),
    ]);
    const code = await codeNow(testApp, id);
    expect((await first.type(`${code.slice(0, 3)} ${code.slice(3)}`)).status).toBe(303);
    expect((await first.browser.get(welcome)).status).toBe(200);

    const second = await begin();
    const replayed = await second.type(code);
    expect([replayed.status, await replayed.text()]).toEqual([
      422,
      expect.stringContaining('was used before'),
    ]);
    testApp.advanceClock(30_000);
    // Of two who type it at once one is let in.
    const third = await begin();
    const next = await codeNow(testApp, id);
    const both = await Promise.all([second.type(next), third.type(next)]);
    expect(both.map(({ status }) => status).toSorted()).toEqual([303, 422]);
    testApp.advanceClock(3 * 30_000);
    expect((await (await begin()).type(next)).status).toBe(422);
  });

  test('may be a recovery code, each of which works once and is stored as a hash', async () => {
    const { id } = await addAccount(testApp, 'ada@example.com');
    const codes = await switchCodesOn(testApp, id);
    expect(codes).toHaveLength(10);
    expect(codes[0]).toMatch(/^[0-9a-z]{4}(-[0-9a-z]{4}){3}$/);
    expect((await (await begin()).type((codes[0] ?? '').toUpperCase().replaceAll('-', ' '))).status).toBe(
      303,
    );
    expect((await (await begin()).type(codes[0] ?? '')).status).toBe(422);
    expect((await (await begin()).type(codes[1] ?? '')).status).toBe(303);
    const stored = await testApp.context.db.many<{ codeHash: Buffer }>(
      sql`select code_hash from operator_recovery_codes`,
    );
    expect(stored.map(({ codeHash }) => codeHash.length)).toEqual(Array.from({ length: 10 }, () => 32));
  });

  test('is asked for within ten minutes, for the password that was right then, and at most ten times', async () => {
    const { id } = await addAccount(testApp, 'ada@example.com');
    await switchCodesOn(testApp, id);
    const late = await begin();
    testApp.advanceClock(10 * MINUTE_MS);
    const over = await late.type(await codeNow(testApp, id));
    expect([over.status, await over.text()]).toEqual([
      422,
      expect.stringContaining('Type your password again'),
    ]);

    const changed = await begin();
    await testApp.context.db.run(sql`
      update operator_passwords set changed_at = changed_at + interval '2 seconds' where operator_id = ${id}
    `);
    expect((await changed.type(await codeNow(testApp, id))).status).toBe(422);

    const guesser = await begin();
    for (let tries = 0; tries < 10; tries++) expect((await guesser.type('123456')).status).toBe(422);
    expect((await guesser.type(await codeNow(testApp, id))).status).toBe(429);
    for (const ticket of ['', 'x', guesser.ticket.slice(0, -1)]) {
      const forged = await guesser.browser.send('/operator/sign-in/code', { ticket, code: '123456' });
      expect(forged.status).toBe(422);
    }
  });

  test('can be checked after the SECRET_KEY was changed with both there, and without it is said to be missing', async () => {
    const { id } = await addAccount(testApp, 'ada@example.com');
    const codes = await switchCodesOn(testApp, id);
    await testApp.context.db.run(
      sql`update wrapped_keys set key_id = 'gone' where purpose like 'operator-totp:%'`,
    );
    const started = await begin();
    const locked = await started.type('123456');
    expect(await locked.text()).toContain('This server cannot check codes now');
    expect((await started.type(codes[3] ?? '')).status).toBe(303);
  });
});
