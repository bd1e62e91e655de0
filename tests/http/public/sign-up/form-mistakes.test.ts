import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createMailDomainCheck } from '../../../../src/platform/mail/mx-lookup.js';
import { sql } from '../../../../src/platform/db/sql.js';
import { openTestApp, type TestApp } from '../../../support/test-app.js';
import { startDnsServer, type DnsServer } from '../../../support/dns-server.js';
import { lastMail, open, post, postJson } from '../../../support/reader-actions.js';

let dns: DnsServer;
let testApp: TestApp;
let form: string;
const stopping = new AbortController();

beforeAll(async () => {
  dns = await startDnsServer();
  dns.hosts.set('org', { NS: ['a0.org.afilias-nst.info'] });
  dns.hosts.set('lantern-mail.com', { MX: [{ preference: 10, exchange: 'mx.lantern-mail.com' }] });
  dns.hosts.set('xn--bcher-kva.com', { MX: [{ preference: 0, exchange: '' }] });
  dns.hosts.set('broken-mail.com', { trouble: 'failure' });
  testApp = await openTestApp({
    mailDomain: createMailDomainCheck({
      servers: [dns.address],
      now: () => new Date(0),
      stopping: stopping.signal,
    }),
  });
  await testApp.createPublication();
  form = `${testApp.url}/lantern/subscriptions`;
});

afterAll(async () => {
  await testApp.close();
  stopping.abort();
  await dns.close();
});

async function recorded(): Promise<string[]> {
  const rows = await testApp.context.db.many<{ email: string }>(
    sql`select email from sign_up_requests order by created_at, email`,
  );
  return rows.map((row) => row.email);
}

describe('a domain that looks mistyped', () => {
  test('is asked about, with one button for each answer, and nothing is recorded', async () => {
    const answer = await post(form, {
      email: "o'neil+news@gmial.com",
      source: 'https://lantern.example/tides',
    });
    const page = await answer.text();
    expect(answer.status).toBe(422);
    expect(page).toContain('<title>Error: ');
    expect(page).toContain('Did you mean o&#39;neil+news@gmail.com?');
    expect(page).toContain('aria-invalid="true"');
    const forms = [
      ...page.matchAll(
        /<form id="[\w-]+" action="\/lantern\/subscriptions" method="post" hidden>.*?<\/form>/gs,
      ),
    ].map(String);
    expect(forms).toHaveLength(2);
    expect(forms[0]).toContain('value="o&#39;neil+news@gmail.com"');
    expect(forms[1]).toContain('value="o&#39;neil+news@gmial.com"');
    expect(forms[1]).toContain('name="keep" value="yes"');
    for (const each of forms) expect(each).toContain('value="https://lantern.example/tides"');
    expect(await recorded()).toEqual([]);
  });

  test('is asked about, too, where what was typed is no address; who keeps it is told what is wrong', async () => {
    const problem = (await (await postJson(form, { email: 'amina@gmail,com' })).json()) as object;
    expect(problem).toMatchObject({ status: 422, code: 'typo' });
    expect(JSON.stringify(problem)).toContain('amina@gmail.com');
    const kept = await (await postJson(form, { email: 'amina@gmail,com', keep: 'yes' })).json();
    expect(kept).toMatchObject({ status: 422, code: 'invalid-form' });
    expect(await recorded()).toEqual([]);
  });

  test('is a problem with a suggestion for a program', async () => {
    const problem = await postJson(form, { email: 'amina@gmail.con' });
    expect([problem.status, await problem.json()]).toEqual([
      422,
      {
        type: 'about:blank',
        title: 'Unprocessable Entity',
        status: 422,
        code: 'typo',
        detail: 'Did you mean amina@gmail.com?',
        suggestion: 'amina@gmail.com',
      },
    ]);
    expect(await recorded()).toEqual([]);
  });

  test('is taken as typed when she says so, and as suggested when she says that', async () => {
    dns.hosts.set('gmial.com', { A: ['192.0.2.1'] });
    expect((await post(form, { email: 'kept@gmial.com', keep: 'yes' })).status).toBe(303);
    expect((await post(form, { email: 'meant@gmail.com' })).status).toBe(303);
    expect((await recorded()).sort()).toEqual(['kept@gmial.com', 'meant@gmail.com']);
    expect(dns.asked.filter((question) => question.startsWith('gmail.com'))).toEqual([]);
  });

  test('is asked about before the name servers are', async () => {
    dns.asked.length = 0;
    await post(form, { email: 'amina@yaho.com' });
    expect(dns.asked).toEqual([]);
  });
});

describe('letters beyond ASCII before the @, where no mail server of ours takes them', () => {
  test('are said to be what is wrong, and nothing is recorded', async () => {
    const before = await recorded();
    const answer = await post(form, { email: 'zoë@lantern-mail.com' });
    expect(answer.status).toBe(422);
    expect(await answer.text()).toContain(
      'addresses with letters like é or ü before the @. Please use another',
    );
    const problem = await postJson(form, { email: 'zoë@lantern-mail.com' });
    expect(await problem.json()).toMatchObject({
      status: 422,
      code: 'beyond-ascii',
      detail: "We can't send to addresses with letters like é or ü before the @. Please use another address.",
    });
    expect(await recorded()).toEqual(before);
  });
});

describe('a domain that takes no mail', () => {
  test('is named as she typed it, and nothing is recorded', async () => {
    const before = await recorded();
    const answer = await post(form, { email: 'leser@bücher.com' });
    expect(answer.status).toBe(422);
    expect(await answer.text()).toContain(
      'bücher.com doesn&#39;t seem to receive email. Check the spelling.',
    );
    const problem = await postJson(form, { email: 'reader@nobody-there.com' });
    expect(await problem.json()).toMatchObject({
      status: 422,
      code: 'no-mail-server',
      detail: "nobody-there.com doesn't seem to receive email. Check the spelling.",
    });
    // "Keep what I typed" is the answer to another question.
    expect((await post(form, { email: 'reader@nobody-there.com', keep: 'yes' })).status).toBe(422);
    expect(await recorded()).toEqual(before);
  });

  test('is not concluded from a failing name server, nor asked about reserved names (RFC 2606)', async () => {
    for (const email of ['reader@lantern-mail.com', 'reader@broken-mail.com', 'reader@nobody.example'])
      expect([email, (await post(form, { email })).status]).toEqual([email, 303]);
  });
});

describe('a sign-up with signs of a program', () => {
  const riskOf = (email: string) =>
    testApp.context.db.maybe(sql`select outcome, risk, reasons from sign_up_requests where email = ${email}`);
  /** The sealed time of the page, as its form sends it. */
  const pageTime = async () =>
    /name="form" value="([^"]+)"/.exec(await (await open(`${testApp.url}/lantern`)).text())?.[1] ?? 'none';

  test('is held when there are two signs, answered like any other, and mailed to nobody', async () => {
    dns.hosts.set('mailinator.com', { A: ['192.0.2.1'] });
    await testApp.runDueJobs();
    const mails = testApp.smtp.messages.length;
    const held = await post(form, { email: 'fast@mailinator.com', form: await pageTime() });
    const plain = await post(form, { email: 'plain@example.com', form: await pageTime() });
    const ticket = /^\/check-inbox\/[\w-]{82}$/;
    for (const answer of [held, plain])
      expect([answer.status, answer.headers.get('location')]).toEqual([303, expect.stringMatching(ticket)]);
    expect(await riskOf('fast@mailinator.com')).toEqual({
      outcome: 'held',
      risk: 80,
      reasons: ['disposable', 'too-fast'],
    });
    expect(await riskOf('plain@example.com')).toEqual({ outcome: null, risk: 40, reasons: ['too-fast'] });
    await testApp.runDueJobs();
    expect(testApp.smtp.messages.slice(mails).map(({ to }) => to)).toEqual(['plain@example.com']);
  });

  test('is mailed with one sign alone; a form on another site, whose time is unknown, has none', async () => {
    const time = await pageTime();
    testApp.advanceClock(2_000);
    await post(form, { email: 'slow@mailinator.com', form: time });
    await post(form, { email: 'pasted@example.com' });
    await post(form, { email: 'forged@example.com', form: `${time.slice(0, -1)}_` });
    expect(await riskOf('slow@mailinator.com')).toMatchObject({ outcome: null, reasons: ['disposable'] });
    expect(await riskOf('pasted@example.com')).toMatchObject({ outcome: null, risk: 0, reasons: [] });
    expect(await riskOf('forged@example.com')).toMatchObject({ outcome: null, risk: 0, reasons: [] });
  });
});

test('every refused form is counted under its reason', async () => {
  await testApp.createPublication({ slug: 'beacon', name: 'The Beacon' });
  const beacon = `${testApp.url}/beacon/subscriptions`;
  const sent = [
    { email: '' },
    { email: 'reader' },
    { email: 'reader@gmial.com' },
    { email: 'reader@nobody-there.com' },
    { email: 'zoë@lantern-mail.com' },
    { email: 'reader@example.com', website: 'https://spam.example' },
    { email: 'reader@example.com', cadence: 'x'.repeat(50) },
  ];
  for (const fields of sent) expect((await post(beacon, fields)).status).toBe(422);
  // Counts are written with the next sign-up that is recorded.
  expect((await post(beacon, { email: 'counted@example.com' })).status).toBe(303);
  const counts = await testApp.context.db.many<{ outcome: string; count: number }>(sql`
    select c.outcome, c.count::int as count
      from sign_up_counts c
      join publications p on p.id = c.publication_id
     where p.slug = 'beacon'
     order by c.outcome
  `);
  const reasons = 'beyond-ascii empty honeypot invalid malformed no-mail-server recorded typo'.split(' ');
  expect(counts).toEqual(reasons.map((outcome) => ({ outcome, count: 1 })));
});

test('the messages are in the newsletter’s language, and the address stays readable in a right-to-left one', async () => {
  await testApp.createPublication({
    slug: 'fanous',
    name: 'الفانوس',
    locale: 'ar',
    timezone: 'Africa/Cairo',
  });
  const page = await (await post(`${testApp.url}/fanous/subscriptions`, { email: 'amina@gmial.com' })).text();
  expect(page).toContain('هل تقصد \u2068amina@gmail.com\u2069؟');
  expect(page).toContain('dir="rtl"');
  const missing = await post(`${testApp.url}/fanous/subscriptions`, { email: 'amina@nobody-there.com' });
  expect(await missing.text()).toContain('\u2068nobody-there.com\u2069');
});

test('an address copied from a right-to-left page, with its invisible marks, is taken without them', async () => {
  expect((await post(form, { email: '\u2068copied@example.com\u2069' })).status).toBe(303);
  expect(await recorded()).toContain('copied@example.com');
});

test('after an internal error the page says whom to write to, with a reference', async () => {
  const { db } = testApp.context;
  await testApp.runDueJobs();
  await db.run(sql`alter table sign_up_requests rename to put_away`);
  try {
    const answer = await post(form, { email: 'reader@example.com' });
    const page = await answer.text();
    expect(answer.status).toBe(500);
    expect(page).toContain('it may or may not have been saved');
    expect(page).toContain('You can also write to help@lantern.example.');
    expect(page).toMatch(/<code>[0-9a-f]{8}<\/code>/);
    const problem = (await (await postJson(form, { email: 'reader@example.com' })).json()) as {
      detail: string;
    };
    expect(problem.detail).toContain('help@lantern.example');
  } finally {
    await db.run(sql`alter table put_away rename to sign_up_requests`);
  }
  expect((await post(form, { email: 'reader@example.com' })).status).toBe(303);
  await testApp.runDueJobs();
  expect((await lastMail(testApp)).to).toBe('reader@example.com');
});

test('opening the form asks no name server', async () => {
  dns.asked.length = 0;
  expect((await open(`${testApp.url}/lantern`)).status).toBe(200);
  expect(dns.asked).toEqual([]);
});
