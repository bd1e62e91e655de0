import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { sql } from '../../../../src/platform/db/sql.js';
import { createConfirmedReader, lastMail, open, post } from '../../../support/reader-actions.js';
import { beginRequest } from '../../../support/raw-request.js';
import { openTestApp, type TestApp } from '../../../support/test-app.js';

const ACCOUNT = '0bd97d7dcd9deb229d0972a78';
const AUDIENCE = '736e00623f';
const ALL = `u=${ACCOUNT}&id=${AUDIENCE}&f_id=00d159e1f0`;

let testApp: TestApp;
let form: string;
let script: string;

beforeEach(async () => {
  testApp = await openTestApp();
  form = `${testApp.url}/subscribe/post?${ALL}`;
  script = `${testApp.url}/subscribe/post-json?${ALL}`;
});
afterEach(() => testApp.close());

const requests = () =>
  testApp.context.db.many<{ email: string; slug: string }>(sql`
    select r.email, p.slug
      from sign_up_requests r
      join publications p on p.id = r.publication_id
     order by r.created_at, r.id
  `);

const fields = (email: string, honeypot = '') => ({
  EMAIL: email,
  FNAME: 'Amina',
  tags: '1234',
  [`b_${ACCOUNT}_${AUDIENCE}`]: honeypot,
  subscribe: 'Subscribe',
});

const jsonp = async (email: string, more = '') => {
  const query = new URLSearchParams({ ...fields(email), c: 'jQuery19_17' });
  const answer = await fetch(`${script}&${query.toString()}${more}`);
  const text = await answer.text();
  const json = /^\/\*\*\/jQuery19_17\((.*)\);$/.exec(text)?.[1];
  return { answer, body: JSON.parse(json ?? 'null') as { result: string; msg: string } };
};

describe('the embedded form', () => {
  test('signs up for the newsletter that names its audience, and its reader is asked to confirm', async () => {
    await testApp.createPublication();
    await testApp.createPublication({ slug: 'town', name: 'Town', formLists: [AUDIENCE] });
    const answer = await post(form, fields('amina@example.com'));
    expect([answer.status, answer.headers.get('location')]).toEqual([
      303,
      expect.stringMatching(/^\/check-inbox\/[\w-]{82}$/),
    ]);
    expect(await requests()).toEqual([{ email: 'amina@example.com', slug: 'town' }]);
    await testApp.runDueJobs();
    expect((await lastMail(testApp)).to).toBe('amina@example.com');
  });

  test('whose hidden field was filled in records nothing', async () => {
    await testApp.createPublication();
    expect((await post(form, fields('bot@example.com', 'on'))).status).toBe(422);
    expect(await requests()).toEqual([]);
  });

  test('opened as a page leads to the newsletter, and records nothing', async () => {
    await testApp.createPublication();
    const answer = await open(`${form}&EMAIL=amina%40example.com`);
    expect([answer.status, answer.headers.get('location')]).toEqual([303, '/lantern']);
    expect(await requests()).toEqual([]);
  });
});

describe('its script', () => {
  test('is answered with a call of its function, the same whatever is known of the address', async () => {
    await testApp.createPublication();
    await createConfirmedReader(testApp, 'reading@example.com');
    const bodies = [];
    for (const email of ['reading@example.com', 'unknown@example.com']) {
      const { answer, body } = await jsonp(email);
      expect(answer.status).toBe(200);
      expect(answer.headers.get('content-type')).toContain('javascript');
      expect(answer.headers.get('x-content-type-options')).toBe('nosniff');
      expect(answer.headers.get('cross-origin-resource-policy')).toBe('cross-origin');
      bodies.push(body);
    }
    expect(bodies[0]).toEqual({ result: 'success', msg: expect.stringContaining('a link to confirm') });
    expect(bodies[1]).toEqual(bodies[0]);
  });

  test('hears beside which field a mistake is, as HTML that holds nothing but text', async () => {
    await testApp.createPublication();
    expect((await jsonp('')).body).toEqual({ result: 'error', msg: '0 - Enter your email address.' });
    const { body } = await jsonp('o<b>@gmial.com');
    expect(body.result).toBe('error');
    expect(body.msg).not.toContain('<b>');
    expect(await requests()).toEqual([]);
  });

  test('with no function is answered with JSON, and with one that is none not at all', async () => {
    await testApp.createPublication();
    const json = await fetch(`${script}&EMAIL=a%40example.com`);
    expect(await json.json()).toMatchObject({ result: 'success' });
    for (const name of ['alert(1)//', 'a b', '%0Aalert', 'a.'.repeat(80), '1a', '</script>'])
      expect((await fetch(`${script}&EMAIL=b%40example.com&c=${encodeURIComponent(name)}`)).status).toBe(400);
    expect((await requests()).map(({ email }) => email)).toEqual(['a@example.com']);
  });

  test('is what GET is for: a link that is followed, or asked about with HEAD, signs nobody up', async () => {
    await testApp.createPublication();
    const url = `${script}&EMAIL=victim%40example.com&c=f`;
    // `fetch` has a mode of its own.
    const { pathname, search } = new URL(url);
    const followed = beginRequest(url, 'GET', pathname + search, {
      'sec-fetch-mode': 'navigate',
      connection: 'close',
    });
    expect(await followed.status()).toBe(303);
    expect((await fetch(url, { method: 'HEAD' })).status).toBe(404);
    expect(await requests()).toEqual([]);
  });
});
