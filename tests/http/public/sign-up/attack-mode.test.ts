import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import type { Browser } from 'playwright-core';
import type { Challenge } from '../../../../src/platform/crypto/proof-of-work.js';
import { sql } from '../../../../src/platform/db/sql.js';
import { setAttackMode } from '../../../../src/subscribers/attack/set-attack-mode.js';
import type { Publication } from '../../../../src/publications/publication.js';
import { openBrowserWindow, openBrowser } from '../../../support/browser.js';
import { openTestApp, type TestApp } from '../../../support/test-app.js';
import { resetTestApp } from '../../../support/fixtures.js';
import { solveChallenge } from '../../../support/solve-challenge.js';
import { readMails, open, post, postJson } from '../../../support/reader-actions.js';
import { HOUR_MS } from '../../../../src/platform/durations.js';
import { describeInChromium } from '../../../support/chromium-tests.js';

let testApp: TestApp;
let publication: Publication;
let form: string;

beforeAll(async () => {
  testApp = await openTestApp();
  form = `${testApp.url}/lantern/subscriptions`;
});
beforeEach(async () => {
  await resetTestApp(testApp);
  testApp.advanceClock(HOUR_MS);
  publication = await testApp.createPublication();
  await setAttackMode(testApp.context, publication.id, true);
});
afterAll(() => testApp.close());

const requests = () =>
  testApp.context.db.many<{ email: string; outcome: string | null; reasons: string[] }>(
    sql`select email, outcome, reasons from sign_up_requests order by created_at, email`,
  );
const mailed = async () => {
  await testApp.runDueJobs();
  return (await readMails(testApp)).map(({ to }) => to);
};
const challenge = async (): Promise<Challenge> =>
  (await (await fetch(`${testApp.url}/embed/lantern/challenge`)).json()) as Challenge;

test('a form without proof of work is held, and nobody is mailed for it', async () => {
  for (const proof of [undefined, '', 'made up'])
    expect(
      (await post(form, { email: 'ada@example.com', ...(proof === undefined ? {} : { proof }) })).status,
    ).toBe(303);
  expect(await mailed()).toEqual([]);
  const held = { email: 'ada@example.com', outcome: 'held', reasons: ['unproved'] };
  expect(await requests()).toEqual([held, held, held]);
});

test('a program whose sign-up is held is not told that a link was sent', async () => {
  const answer = await postJson(form, { email: 'ada@example.com' });
  expect(await answer.json()).toEqual({
    status: 'check-inbox',
    detail:
      "We have your sign-up\nA person looks at your sign-up before the link is sent. You don't need to do anything. What nobody has decided on after 7 days is deleted.",
  });
  const proof = solveChallenge(await challenge());
  const passed = await postJson(form, { email: 'ben@example.com', proof });
  expect(await passed.json()).toEqual({ status: 'check-inbox' });
});

test('a form with proof of work is answered at once; the same proof does not count twice', async () => {
  const proof = solveChallenge(await challenge());
  await post(form, { email: 'ada@example.com', proof });
  await post(form, { email: 'ben@example.com', proof });
  expect(await mailed()).toEqual(['ada@example.com']);
  expect((await requests()).map(({ outcome }) => outcome)).toEqual(['confirmation', 'held']);
});

test('the same proof sent ten times at once counts once', async () => {
  const proof = solveChallenge(await challenge());
  const emails = Array.from({ length: 10 }, (_, at) => `reader${at}@example.com`);
  await Promise.all(emails.map((email) => post(form, { email, proof })));
  expect(await mailed()).toHaveLength(1);
});

test('a proof that is older than ten minutes does not count, and used ones are deleted then', async () => {
  const [used, late] = [solveChallenge(await challenge()), solveChallenge(await challenge())];
  await post(form, { email: 'ada@example.com', proof: used });
  testApp.advanceClock(600_000);
  await post(form, { email: 'ben@example.com', proof: late });
  expect(await mailed()).toEqual(['ada@example.com']);
  testApp.advanceClock(1_000);
  await testApp.handlers['watch-sign-ups']({});
  expect(await testApp.context.db.many(sql`select * from used_proofs`)).toEqual([]);
});

test('a program that offers to do the work is asked for it, and accepted', async () => {
  const asked = await postJson(form, { email: 'ada@example.com', proof: 'ask' });
  expect([asked.status, asked.headers.get('content-type')]).toEqual([
    428,
    'application/problem+json; charset=utf-8',
  ]);
  const problem = (await asked.json()) as { code: string; challenge: Challenge };
  expect(problem.code).toBe('proof-needed');
  const passed = await postJson(form, { email: 'ada@example.com', proof: solveChallenge(problem.challenge) });
  expect(passed.status).toBe(202);
  expect(await mailed()).toEqual(['ada@example.com']);
});

test('outside attack mode nothing is asked, and a proof is neither needed nor used up', async () => {
  await setAttackMode(testApp.context, publication.id, false);
  await post(form, { email: 'ada@example.com', proof: 'ask' });
  expect(await mailed()).toEqual(['ada@example.com']);
  expect(await (await open(`${testApp.url}/lantern`)).text()).not.toContain('proof');
});

test('the check-inbox page tells everybody alike that it may take longer, and sends nothing again to held addresses', async () => {
  const words = async (location: string) => {
    const page = await (await open(testApp.url + location)).text();
    return page.replaceAll(/<form.*?<\/form>/gs, '').replaceAll(/\s+/g, ' ');
  };
  const held = (await post(form, { email: 'ada@example.com' })).headers.get('location') ?? '';
  const proof = solveChallenge(await challenge());
  const passed = (await post(form, { email: 'ada@example.com', proof })).headers.get('location') ?? '';
  expect(await words(held)).toContain('The Lantern gets an unusual number of sign-ups just now.');
  expect(await words(held)).not.toContain('is on its way to');
  expect(await words(passed)).toBe(await words(held));
  testApp.advanceClock(61_000);
  await post(`${testApp.url}${held}/resend`);
  expect(await requests()).toHaveLength(2);
  // When the attack is over, the page of a held sign-up says so.
  await setAttackMode(testApp.context, publication.id, false);
  expect(await words(held)).toContain('A person looks at your sign-up before the link is sent.');
  expect(await words(passed)).toContain('is on its way to');
});

test('any page may ask for a challenge; it is not cached, and an unknown newsletter has none', async () => {
  const answer = await fetch(`${testApp.url}/embed/lantern/challenge`, {
    headers: { origin: 'https://blog.example' },
  });
  expect(answer.headers.get('access-control-allow-origin')).toBe('*');
  expect(answer.headers.get('access-control-allow-credentials')).toBeNull();
  expect(answer.headers.get('cache-control')).toBe('no-store');
  expect((await challenge()).challenge).not.toBe((await challenge()).challenge);
  expect((await fetch(`${testApp.url}/embed/nobody/challenge`)).status).toBe(404);
});

test('a form that comes back with mistakes keeps the time of its page', async () => {
  const field = (page: string) => /name="form" value="([^"]+)"/.exec(page)?.[1] ?? '';
  const made = field(await (await open(`${testApp.url}/lantern`)).text());
  testApp.advanceClock(30_000);
  const back = await (await post(form, { email: 'ada@', form: made })).text();
  expect(field(back)).toBe(made);
  expect(field(await (await post(form, { email: 'ada@', form: 'old' })).text())).not.toBe('old');
});

describeInChromium('in a real browser', () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await openBrowser();
  });
  afterAll(() => browser.close());

  test.each([true, false])('the form of our page arrives with script: %s', async (script) => {
    const visitor = await openBrowserWindow(browser, { width: 390, script });
    visitor.page.setDefaultTimeout(15_000);
    await visitor.page.goto(`${testApp.url}/lantern`);
    const aside = visitor.page.getByText('Without JavaScript, a person may look at yours');
    expect(await aside.isVisible()).toBe(!script);
    await visitor.page.getByLabel('Email address').fill('ada@example.com');
    await visitor.page.keyboard.press('Enter');
    await visitor.page.getByRole('heading', { name: 'Check your inbox' }).waitFor();
    expect(await mailed()).toEqual(script ? ['ada@example.com'] : []);
    expect((await requests()).map(({ outcome }) => outcome)).toEqual([script ? 'confirmation' : 'held']);

    if (script) {
      // Back, and once more: the page shows no old status, and the work is done anew.
      await visitor.page.goBack();
      expect(await visitor.page.locator('#proof-status').textContent()).toBe('');
      await visitor.page.getByLabel('Email address').fill('ben@example.com');
      await visitor.page.keyboard.press('Enter');
      await visitor.page.waitForURL('**/check-inbox/**');
      expect(await mailed()).toEqual(['ada@example.com', 'ben@example.com']);
    }
    expect(visitor.problems()).toEqual([]);
    await visitor.close();
  });

  test('while it works it says so; the suggestion of another address does the work too', async () => {
    const visitor = await openBrowserWindow(browser, { width: 390 });
    visitor.page.setDefaultTimeout(15_000);
    await visitor.page.goto(`${testApp.url}/lantern`);
    let go = (): void => undefined;
    const held = new Promise<void>((resolve) => (go = resolve));
    await visitor.page.route('**/challenge', async (route) => {
      await held;
      await route.continue();
    });
    await visitor.page.getByLabel('Email address').fill('ada@gmial.com');
    await visitor.page.keyboard.press('Enter');
    await visitor.page.getByRole('status').getByText('One moment.').waitFor();
    await visitor.page.keyboard.press('Enter');
    go();
    await visitor.page.getByRole('button', { name: 'Use ada@gmail.com' }).click();
    await visitor.page.getByRole('heading', { name: 'Check your inbox' }).waitFor();
    expect(await mailed()).toEqual(['ada@gmail.com']);
    await visitor.close();
  });

  test('when no challenge comes, the form is sent all the same, and is held', async () => {
    const visitor = await openBrowserWindow(browser, { width: 390 });
    visitor.page.setDefaultTimeout(15_000);
    await visitor.page.goto(`${testApp.url}/lantern`);
    await visitor.page.route('**/challenge', (route) => route.abort());
    await visitor.page.getByLabel('Email address').fill('ada@example.com');
    await visitor.page.keyboard.press('Enter');
    await visitor.page.getByRole('heading', { name: 'Check your inbox' }).waitFor();
    expect((await requests()).map(({ outcome }) => outcome)).toEqual(['held']);
    await visitor.close();
  });
});
