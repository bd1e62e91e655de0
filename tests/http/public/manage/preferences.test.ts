import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { pushArticle } from '../../../../src/articles/ingest/push-article.js';
import { manageUrl } from '../../../../src/deliveries/mail-urls.js';
import { raw, sql } from '../../../../src/platform/db/sql.js';
import type { Publication } from '../../../../src/publications/publication.js';
import { changeChoices } from '../../../../src/subscribers/preferences/change-choices.js';
import type { Subscription } from '../../../../src/subscribers/subscription.js';
import { openTestApp, type TestApp } from '../../../support/test-app.js';
import {
  addArticles,
  addReader,
  resetTestApp,
  reloadReader,
  type ReaderSettings,
} from '../../../support/fixtures.js';
import { changedTables, dumpTables } from '../../../support/table-dump.js';
import {
  archive,
  createConfirmedReader,
  lastMail,
  linkIn,
  readMails,
  open,
  post,
} from '../../../support/reader-actions.js';
import { updatePublication } from '../../../../src/publications/change-publication.js';
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../../../../src/platform/durations.js';

const filledIn = {
  choices: 'yes',
  cadence: 'weekly',
  hour: '18',
  weekday: '3',
  dayOfMonth: '9',
  timezone: 'Africa/Nairobi',
};

const START = Date.parse('2026-11-22T09:00:00Z');

let testApp: TestApp;
let publication: Publication;

beforeAll(async () => {
  testApp = await openTestApp();
});
afterAll(() => testApp.close());

beforeEach(async () => {
  await resetTestApp(testApp);
  // Each begins on the same Sunday.
  testApp.advanceClock(START - testApp.context.now().getTime());
  publication = await testApp.createPublication({ topics: ['Harbour', 'Town', 'Weather'] });
});

/** A confirmed reader and her settings page. */
async function reader(
  settings: ReaderSettings = {},
): Promise<{ link: string; id: string; now(): Promise<Subscription> }> {
  const added = await addReader(testApp, publication, 'ada@example.com', settings);
  return { link: manageUrl(testApp.context, added), id: added.id, now: () => reloadReader(testApp, added) };
}

const text = async (link: string) => (await open(link)).text();
const path = (link: string) => new URL(link).pathname;

describe('the settings page', () => {
  test('is linked in every digest and notice, opens from each, and opening it changes nothing', async () => {
    await createConfirmedReader(testApp, 'ada@example.com');
    const welcome = linkIn(await lastMail(testApp), 'manage');
    await pushArticle(testApp.context, publication, { title: 'High water', content: '<p>At noon.</p>' });
    await testApp.runDueJobs();
    const digest = await lastMail(testApp);
    expect([welcome, linkIn(digest, 'manage')].map((link) => path(link))).toEqual([
      path(welcome),
      path(welcome),
    ]);
    const before = await dumpTables(testApp.context.db, []);
    for (const method of ['HEAD', 'GET']) {
      const answer = await fetch(welcome, { method });
      expect(Object.fromEntries(answer.headers)).toMatchObject({
        'cache-control': 'no-store',
        'referrer-policy': 'no-referrer',
        'x-robots-tag': 'noindex, nofollow',
      });
      expect(answer.headers.get('set-cookie')).toBeNull();
    }
    for (const query of ['?saved=resume', '?saved=pause', '?saved=x', '?pause=1'])
      await fetch(welcome + query);
    expect(changedTables(before, await dumpTables(testApp.context.db, []))).toEqual([]);
    const page = await text(welcome);
    expect(page).toContain('has been subscribed since 22 November 2026');
    expect(page).toContain('a•••••@example.com');
    expect(page).not.toContain('ada@example.com');
    expect(page).toContain('High water');
    expect(page).toContain('Sent: the mail server took it');
    expect(page).not.toMatch(/<script|style=/);
  });

  test('does not open with another link, one that was revoked, or after she was erased', async () => {
    const { link, id } = await reader();
    const { links, db } = testApp.context;
    const scope = publication.id;
    const wrong = [
      links.sign('unsubscribe', { scope, subject: id, number: 1 }),
      links.sign('manage', { scope, subject: id, number: 2 }),
      links.sign('manage', { scope: id, subject: id, number: 1 }),
      path(link).slice('/manage/'.length, -1),
      'made-up',
    ];
    for (const token of wrong) {
      expect((await open(`${testApp.url}/manage/${token}`)).status).toBe(404);
      expect((await post(`${testApp.url}/manage/${token}/pause`, { length: 'week' })).status).toBe(404);
    }
    await db.run(sql`update subscriptions set generation = 2`);
    expect((await open(link)).status).toBe(404);
  });

  test('says when the next email comes, in her zone, and in her language', async () => {
    const { link } = await reader({ cadence: 'weekly', weekday: 1, hour: 7, timezone: 'Europe/Berlin' });
    expect(await text(link)).toContain(
      'The next email comes on Monday 23 November, 07:00 (Central European Standard Time)',
    );
    await testApp.context.db.run(sql`update subscriptions set locale = 'ar'`);
    const arabic = await text(link);
    expect(arabic).toContain('<html lang="ar" dir="rtl">');
    expect(arabic).toContain('إعداداتك');
  });

  test('offers nothing to change when she has left or the newsletter is archived', async () => {
    const { link } = await reader();
    await archive(testApp, publication.id);
    const page = await text(link);
    expect(page).toContain('The Lantern has stopped');
    expect(page).not.toMatch(/\/(choices|pause)"/);
    expect((await post(`${link}/pause`, { length: 'week' })).headers.get('location')).toBe(path(link));
    expect(
      (await testApp.context.db.one<{ status: string }>(sql`select status from subscriptions`)).status,
    ).toBe('confirmed');
  });
});

describe('how often', () => {
  test('is kept with day, hour and zone; the page says when the next email comes', async () => {
    const { link, now } = await reader({ topics: ['Town'] });
    const answer = await post(`${link}/choices`, filledIn);
    expect([answer.status, answer.headers.get('location')]).toEqual([303, `${path(link)}?saved=choices`]);
    expect(await now()).toMatchObject({
      cadence: 'weekly',
      hour: 18,
      weekday: 3,
      dayOfMonth: 9,
      topics: ['Town'],
      atMostDaily: false,
      nextDueAt: new Date('2026-11-25T15:00:00Z'),
    });
    expect(await text(`${link}?saved=choices`)).toContain(
      'Saved. The next email comes on Wednesday 25 November, 18:00 (East Africa Time)',
    );
    const kinds = await testApp.context.db.many(sql`select kind from consents`);
    await post(`${link}/choices`, filledIn);
    expect([kinds, await testApp.context.db.many(sql`select kind from consents`)]).toEqual([
      [{ kind: 'changed' }],
      [{ kind: 'changed' }],
    ]);
  });

  test.each(['cadence=hourly', 'hour=24', 'timezone=Mars/Base', 'atMostDaily=perhaps', 'weekday=8'])(
    '%s is a mistake: nothing is saved, and the page says so',
    async (field) => {
      const { link, now } = await reader();
      const before = await now();
      const answer = await post(`${link}/choices`, `choices=yes&${field}`);
      expect(answer.status).toBe(422);
      expect(await answer.text()).toContain('role="alert"');
      expect(await now()).toEqual(before);
    },
  );
});

describe('topics', () => {
  const choose = (link: string, before: string[], ticked: string[]) =>
    post(
      `${link}/choices`,
      [...before.map((topic) => ['before', topic]), ...ticked.map((topic) => ['topics', topic])]
        .map((pair) => pair.join('='))
        .join('&'),
    );

  test('what she ticks and unticks changes, and the page says what she gets', async () => {
    const { link, now } = await reader();
    await choose(link, [], ['Harbour', 'Weather']);
    expect((await now()).topics).toEqual(['Harbour', 'Weather']);
    expect(await text(`${link}?saved=choices`)).toContain('You get articles about: Harbour and Weather.');
    await choose(link, ['Harbour', 'Weather'], []);
    expect((await now()).topics).toEqual([]);
    expect(await text(`${link}?saved=choices`)).toContain('You get every article.');
  });

  test('a form that was open for long does not undo what happened meanwhile', async () => {
    const { link, id, now } = await reader({ topics: ['Harbour'] });
    await updatePublication(testApp.context, publication.id, {
      topics: ['Harbour', 'Town', 'Weather', 'Sport'],
    });
    await changeChoices(testApp.context, id, { topics: ['Harbour', 'Sport'] });
    await choose(link, ['Harbour'], ['Harbour', 'Town']);
    expect((await now()).topics).toEqual(['Harbour', 'Town', 'Sport']);
    await choose(link, ['Harbour'], []);
    expect((await now()).topics).toEqual(['Town', 'Sport']);
  });

  test('one that the newsletter removed stays chosen until she unticks it; unknown ones are not accepted', async () => {
    const { link, now } = await reader({ topics: ['Harbour'] });
    await updatePublication(testApp.context, publication.id, { topics: ['Town'] });
    expect(await text(link)).toMatch(/value="Harbour" checked/);
    await choose(link, ['Harbour'], ['Harbour', 'Town', 'Made up']);
    expect((await now()).topics).toEqual(['Town', 'Harbour']);
    await choose(link, ['Harbour', 'Town'], ['Town']);
    expect((await now()).topics).toEqual(['Town']);
  });
});

test('the format is kept, and her next email has it', async () => {
  const { link, now } = await reader();
  for (const [format, kept] of [
    ['full', 'full'],
    ['summary', 'summary'],
    ['publication', null],
    ['full', 'full'],
  ] as const) {
    expect((await post(`${link}/choices`, { format })).status).toBe(303);
    expect((await now()).format).toBe(kept);
  }
  expect((await post(`${link}/choices`, { format: 'huge' })).status).toBe(422);
  await addArticles(testApp, publication, {
    title: 'Long',
    content: `<p>${'So it goes on. '.repeat(80)}Last words.</p>`,
  });
  await testApp.runDueJobs();
  expect((await lastMail(testApp)).text).toContain('Last words.');
});

describe('a pause', () => {
  test('of a week ends by itself; what was released meanwhile is not sent', async () => {
    const { link, now } = await reader({ cadence: 'daily' });
    await post(`${link}/pause`, { length: 'week' });
    expect(await now()).toMatchObject({
      status: 'paused',
      // Midnight in Nairobi, seven days from today.
      pausedUntil: new Date('2026-11-28T21:00:00Z'),
      catchUp: false,
      nextDueAt: null,
    });
    const page = await text(`${link}?saved=pause`);
    expect(page).toContain('Paused until 29 November 2026');
    expect(page).toContain('is not sent');
    await addArticles(testApp, publication, 'While away');
    await pass(6 * DAY_MS);
    expect(testApp.smtp.messages).toEqual([]);
    expect((await now()).status).toBe('paused');
    await pass(DAY_MS);
    expect(await now()).toMatchObject({ status: 'confirmed', pausedAt: null, pausedUntil: null });
    await addArticles(testApp, publication, 'Back home');
    await pass(DAY_MS);
    const mails = await readMails(testApp);
    expect(mails.map(({ subject }) => subject)).toEqual(['Back home']);
  });

  test.each(['instant', 'daily', 'weekly'] as const)(
    'with a catch-up brings %s readers all of it in one email, once',
    async (cadence) => {
      const { link } = await reader({ cadence });
      await post(`${link}/pause`, { length: 'date', until: '2026-11-30', catchUp: 'yes' });
      expect(await text(link)).toContain('follows in one email');
      await addArticles(testApp, publication, 'One', 'Two');
      await pass(7.8 * DAY_MS);
      expect(await post(`${link}/resume`)).toMatchObject({ status: 303 });
      await testApp.runDueJobs();
      for (let day = 0; day < 8; day++) await pass(DAY_MS);
      expect((await readMails(testApp)).map(({ subject }) => subject)).toEqual(['One, and one more']);
      await addArticles(testApp, publication, 'Three', 'Four');
      for (let day = 0; day < 8; day++) await pass(DAY_MS);
      const subjects = (await readMails(testApp)).slice(1).map(({ subject }) => subject);
      expect(subjects).toEqual(cadence === 'instant' ? ['Three', 'Four'] : ['Three, and one more']);
    },
  );

  test('with a catch-up brings what was planned before it and not sent, and nothing that was', async () => {
    const { link, now } = await reader();
    testApp.smtp.setScript((stage) => (stage === 'rcpt' ? '452 4.7.0 Too many messages' : undefined));
    await addArticles(testApp, publication, 'Delayed');
    await testApp.runDueJobs();
    testApp.smtp.setScript(() => undefined);
    await addArticles(testApp, publication, 'Sent');
    await testApp.runDueJobs();
    expect((await readMails(testApp)).map(({ subject }) => subject)).toEqual(['Sent']);

    await post(`${link}/pause`, { length: 'week', catchUp: 'yes' });
    testApp.advanceClock(HOUR_MS);
    await testApp.handlers.sweep({});
    await testApp.runDueJobs();
    expect(await now()).toMatchObject({ status: 'paused', watermark: 0 });
    await addArticles(testApp, publication, 'While away');
    await post(`${link}/resume`);
    await testApp.runDueJobs();
    await pass(DAY_MS);
    const [, digest, ...more] = await readMails(testApp);
    expect([digest?.subject, more]).toEqual(['Delayed, and one more', []]);
    expect(digest?.text).toContain('While away');
    expect(digest?.text).not.toContain('Sent');
    await addArticles(testApp, publication, 'After');
    await pass(DAY_MS);
    expect((await readMails(testApp)).slice(2).map(({ subject }) => subject)).toEqual(['After']);
  });

  test('without one, leaves what was planned before it as it is', async () => {
    const { link, now } = await reader();
    await addArticles(testApp, publication, 'Almost sent');
    await testApp.handlers['plan-instant']({ publicationId: publication.id });
    const { watermark } = await now();
    await post(`${link}/pause`, { length: 'week' });
    await testApp.runDueJobs();
    await post(`${link}/resume`);
    await pass(DAY_MS);
    expect([testApp.smtp.messages, (await now()).watermark]).toEqual([[], watermark]);
  });

  test('takes effect on mail that waits to be sent, and can be made longer or ended', async () => {
    const { link, now } = await reader();
    await addArticles(testApp, publication, 'Almost sent');
    await testApp.handlers['plan-instant']({ publicationId: publication.id });
    await post(`${link}/pause`, { length: 'month' });
    await testApp.runDueJobs();
    expect(testApp.smtp.messages).toEqual([]);
    expect(await text(link)).toContain('Not sent: you were on a pause');
    const { pausedAt } = await now();
    await post(`${link}/pause`, { length: 'date', until: '2027-02-01', catchUp: 'yes' });
    expect(await now()).toMatchObject({
      pausedAt,
      pausedUntil: new Date('2027-01-31T21:00:00Z'),
      catchUp: true,
    });
    await post(`${link}/choices`, filledIn);
    expect(await now()).toMatchObject({ status: 'paused', cadence: 'weekly', nextDueAt: null });
    await post(`${link}/resume`);
    await post(`${link}/resume`);
    expect(await now()).toMatchObject({ status: 'confirmed', nextDueAt: new Date('2026-11-25T15:00:00Z') });
    const consents = await testApp.context.db.many<{ kind: string }>(
      sql`select kind from consents order by id`,
    );
    expect(consents.map(({ kind }) => kind)).toEqual(['paused', 'paused', 'changed', 'resumed']);
  });

  test.each(['', '2026-11-22', '2026-11-31', '2027-11-23', 'tomorrow', '24.12.2026', '2026-12-24T00:00'])(
    'until "%s" is a mistake: said at the field, with what she typed',
    async (until) => {
      const { link, now } = await reader();
      const answer = await post(`${link}/pause`, { length: 'date', until, catchUp: 'yes' });
      expect(answer.status).toBe(422);
      const page = await answer.text();
      expect(page).toContain('href="#until"');
      expect(page).toMatch(/id="until"[^>]*aria-invalid="true" aria-describedby="until-error"/);
      expect(page).toContain(`value="${until}"`);
      expect(page).toMatch(/id="catch-up"[^>]*checked/);
      expect(page).toMatch(/id="pause-date"[^>]*checked/);
      expect((await now()).status).toBe('confirmed');
    },
  );

  test('lasts when she leaves and undoes that, but not after a new confirmation', async () => {
    const { link, now, id } = await reader({ cadence: 'daily' });
    await post(`${link}/pause`, { length: 'month' });
    const unsubscribeLink = `${testApp.url}/unsubscribe/${testApp.context.links.sign('unsubscribe', { scope: publication.id, subject: id })}`;
    await post(unsubscribeLink);
    expect((await now()).status).toBe('unsubscribed');
    await post(`${unsubscribeLink}/undo`);
    expect(await now()).toMatchObject({ status: 'paused', nextDueAt: null });
    expect(await text(`${unsubscribeLink}?done=undo`)).toContain('The pause goes on as before');
    await post(unsubscribeLink);
    await createConfirmedReader(testApp, 'ada@example.com');
    expect(await now()).toMatchObject({ status: 'confirmed', pausedAt: null, pausedUntil: null });
  });
});

describe('at most one email a day', () => {
  test('whenever articles are released, no local date has two emails, and no article is lost or repeated', async () => {
    const gaps = fc.array(fc.integer({ min: 0, max: 30 * 60 }), { minLength: 1, maxLength: 9 });
    const zones = fc.constantFrom('Africa/Nairobi', 'Pacific/Kiritimati', 'America/St_Johns', 'America/Nuuk');
    await fc.assert(fc.asyncProperty(gaps, zones, fc.integer({ min: 0, max: 23 }), expectOneADay), {
      numRuns: 8,
    });
  });

  async function expectOneADay(gaps: number[], timezone: string, hour: number): Promise<void> {
    await resetTestApp(testApp);
    publication = await testApp.createPublication();
    const { link } = await reader({ cadence: 'instant' });
    const fields = { ...filledIn, cadence: 'instant', timezone, hour: String(hour), atMostDaily: 'yes' };
    await post(`${link}/choices`, fields);
    expect(await text(link)).toMatch(/name="atMostDaily" value="yes" checked/);
    const titles = gaps.map((_, at) => `Article ${at + 1}`);
    const days: string[] = [];
    for (const [at, gap] of gaps.entries()) {
      await pass(gap * MINUTE_MS);
      await addArticles(testApp, publication, titles[at] ?? '');
      await testApp.runDueJobs();
      await recordDay(days, timezone);
    }
    for (let step = 0; step < 3 * 8; step++) {
      await pass(3 * 60 * MINUTE_MS);
      await recordDay(days, timezone);
    }
    expect(new Set(days).size).toBe(days.length);
    const mailed = (await readMails(testApp)).flatMap(({ text: words }) => [
      ...new Set(words.match(/Article \d/g)),
    ]);
    expect(mailed.toSorted()).toEqual(titles);
  }

  /** Adds the local date once for each mail that has come since. */
  async function recordDay(days: string[], timeZone: string): Promise<void> {
    const date = new Intl.DateTimeFormat('en-CA', { timeZone }).format(testApp.context.now());
    while (days.length < testApp.smtp.messages.length) days.push(date);
  }
});

test('the log says in words what became of each of the last ten emails, and names no server', async () => {
  const { link } = await reader();
  const fates: [string, string | null, string][] = [
    ['accepted', '250 2.0.0 Ok: queued as 4F', 'Sent: the mail server took it'],
    ['queued', null, 'On its way'],
    ['deferred', '451 4.7.1 Greylisted by mx.example', 'Delayed'],
    ['rejected', '550 5.1.1 No such user at mx.example', 'mailbox doesn&#39;t exist'],
    ['rejected', '552 5.2.2 Over quota', 'mailbox is full'],
    ['rejected', '450 4.2.0 Try later', 'kept putting it off'],
    ['uncertain', null, 'May have arrived'],
    ['skipped', 'paused', 'you were on a pause'],
    ['skipped', 'unsubscribed', 'you had unsubscribed'],
    ['skipped', 'expired', 'Not sent'],
  ];
  await addArticles(testApp, publication, ...fates.map((_, at) => `Article ${at}`), 'One more', 'And one');
  await testApp.context.db.run(sql`update subscriptions set watermark = 0`);
  for (const seq of Array.from({ length: 12 }, (_, at) => at + 1))
    await testApp.context.db.run(sql`
      with digest as (
        insert into digests (publication_id, cadence, period, state, expires_at, key_id, created_at)
        values (${publication.id}, 'instant', ${String(seq)}, 'closed', ${testApp.context.now()}, 'k', ${testApp.context.now()})
        returning id
      ), variant as (
        insert into variants (digest_id, locale, article_ids, max_seq, subject)
        select id, 'en', '{}', ${seq}, ${`Article ${seq}`} from digest
        returning id, digest_id
      )
      insert into deliveries (digest_id, subscription_id, variant_id, batch, state, skip_reason, answer, updated_at)
      select v.digest_id, s.id, v.id, 1, ${fates[seq - 3]?.[0] ?? 'accepted'},
             ${fates[seq - 3]?.[0] === 'skipped' ? fates[seq - 3]?.[1] : null}, ${fates[seq - 3]?.[1] ?? null}, ${testApp.context.now()}
        from variant v, subscriptions s
    `);
  const page = await text(link);
  const entries = page.split('class="sent-subject"').slice(1);
  expect(entries).toHaveLength(10);
  for (const [at, [, , words]] of fates.entries()) expect(entries[9 - at]).toContain(words);
  expect(page).not.toMatch(/mx\.example|550|queued as/);
});

test('pauses that end at one time are ended together, whatever the newsletter, and once by two workers', async () => {
  const other = await testApp.createPublication({ slug: 'other', name: 'The Other' });
  for (const [at, of] of [publication, other].entries())
    await testApp.context.db.run(sql`
      with people as (
        insert into subscribers (email, email_key, created_at)
        select e, e, ${testApp.context.now()}::timestamptz
          from (select ${`r${at}-`} || n || '@example.com' as e from generate_series(1, 1200) as n) as each
        returning id
      )
      insert into subscriptions (publication_id, subscriber_id, status, locale, cadence, hour, weekday, day_of_month,
                                 timezone, created_at, paused_at, paused_until)
      select ${of.id}, id, 'paused', 'en', 'daily', 7, 1, 1, 'Africa/Nairobi', ${testApp.context.now()}, ${testApp.context.now()},
             ${testApp.context.now()}
        from people
    `);
  await Promise.all([testApp.handlers['resume-paused']({}), testApp.handlers['resume-paused']({})]);
  const { db } = testApp.context;
  expect(
    await db.many(sql`select status, next_due_at, count(*) as count from subscriptions group by 1, 2`),
  ).toEqual([{ status: 'confirmed', nextDueAt: new Date('2026-11-23T04:00:00Z'), count: 2400 }]);
  const plan = await db.many<{ queryPlan: string }>(
    raw(
      `explain select id from subscriptions where status = 'paused' and paused_until <= now() order by paused_until limit 1000`,
    ),
  );
  expect(plan.map((line) => Object.values(line).join()).join()).toContain('subscriptions_resting');
});

/** Time passes, and the jobs that become due are run. */
async function pass(milliseconds: number): Promise<void> {
  testApp.advanceClock(milliseconds);
  await testApp.handlers['resume-paused']({});
  await testApp.handlers['plan-due']({});
  await testApp.runDueJobs();
}
