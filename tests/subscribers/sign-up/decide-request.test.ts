import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { sql } from '../../../src/platform/db/sql.js';
import { blockAddress } from '../../../src/subscribers/suppression/block-address.js';
import type { Publication } from '../../../src/publications/publication.js';
import {
  archive,
  createConfirmedReader,
  lastMail,
  linkIn,
  post,
  subscriptionOf,
} from '../../support/reader-actions.js';
import { openTestApp, type TestApp } from '../../support/test-app.js';
import { changedTables, dumpTables } from '../../support/table-dump.js';
import { DAY_MS, MINUTE_MS } from '../../../src/platform/durations.js';
import { recordSignUp, outcomeOf, subjectsTo } from '../../support/sign-up-requests.js';

let testApp: TestApp;
let publication: Publication;
let count = 0;
let email: string;

beforeAll(async () => {
  testApp = await openTestApp();
  publication = await testApp.createPublication();
});

beforeEach(() => {
  count += 1;
  email = `reader-${count}@example.com`;
});

afterAll(() => testApp.close());

const request = (address = email, publicationId = publication.id) =>
  recordSignUp(testApp, publicationId, address);

describe('the owner of the address is mailed what is true of it', () => {
  test('new: she is asked to confirm, and is a reader waiting to confirm', async () => {
    const made = await request();
    await testApp.runDueJobs();
    expect(await outcomeOf(testApp, made)).toBe('confirmation');
    expect(await subjectsTo(testApp, email)).toEqual(['Confirm your subscription']);
    expect(await subscriptionOf(testApp, email)).toMatchObject({ status: 'pending', confirmedAt: null });
    const mail = await lastMail(testApp, email);
    expect(mail.header('from')).toContain('confirm@lantern.example');
    expect(mail.text.replaceAll('\n', ' ')).toContain(
      `new articles from The Lantern to ${email} on 22 November`,
    );
  });

  test('asked before and never confirmed: she is asked again', async () => {
    await request();
    await testApp.runDueJobs();
    const first = linkIn(await lastMail(testApp, email), 'confirm');
    testApp.advanceClock(MINUTE_MS);
    await request();
    await testApp.runDueJobs();
    expect(await subjectsTo(testApp, email)).toEqual([
      'Confirm your subscription',
      'Confirm your subscription',
    ]);
    // Both links work: she may open either mail.
    expect((await post(first)).status).toBe(303);
    expect((await subscriptionOf(testApp, email)).status).toBe('confirmed');
  });

  test.each(['confirmed', 'paused'])(
    '%s: she is told that she is subscribed, with a way out',
    async (status) => {
      const { subscription } = await createConfirmedReader(testApp, email);
      await testApp.context.db.run(
        sql`update subscriptions set status = ${status} where id = ${subscription.id}`,
      );
      const before = await subscriptionOf(testApp, email);
      const made = await request();
      await testApp.runDueJobs();
      expect(await outcomeOf(testApp, made)).toBe('already-subscribed');
      const mail = await lastMail(testApp, email);
      expect(mail.subject).toBe("You're already subscribed to The Lantern");
      expect(mail.links.map((link) => new URL(link).pathname.split('/')[1])).toEqual([
        'manage',
        'unsubscribe',
      ]);
      expect(await subscriptionOf(testApp, email)).toEqual(before);
    },
  );

  test('unsubscribed: she is asked to confirm, and stays out until she does', async () => {
    const { unsubscribeLink } = await createConfirmedReader(testApp, email);
    await post(unsubscribeLink);
    await request();
    await testApp.runDueJobs();
    expect((await lastMail(testApp, email)).subject).toBe('Confirm your subscription to The Lantern');
    expect((await subscriptionOf(testApp, email)).status).toBe('unsubscribed');
  });

  test('blocked here: nothing is mailed', async () => {
    await request();
    await testApp.runDueJobs();
    await blockAddress(testApp.context, (await subscriptionOf(testApp, email)).id);
    testApp.advanceClock(DAY_MS);
    const made = await request();
    expect(await testApp.runDueJobs()).toEqual(['answer-sign-ups']);
    expect(await outcomeOf(testApp, made)).toBe('suppressed');
    expect(await subjectsTo(testApp, email)).toHaveLength(1);
  });

  test('blocked everywhere: nothing is mailed, and the address is not even kept', async () => {
    const { context } = testApp;
    await context.db.run(sql`
      insert into suppressions (address_hash, reason, created_at)
      values (${context.hashAddress(email)}, 'operator', ${context.now()})
    `);
    const made = await request(email.toUpperCase());
    expect(await testApp.runDueJobs()).toEqual(['answer-sign-ups']);
    expect(await outcomeOf(testApp, made)).toBe('suppressed');
    expect(await context.db.many(sql`select id from subscribers where email_key = ${email}`)).toEqual([]);
  });

  test('blocked before the mail is sent: nothing is mailed', async () => {
    const made = await request();
    await testApp.handlers['answer-sign-ups']({ requestIds: [made.id] });
    await blockAddress(testApp.context, (await subscriptionOf(testApp, email)).id);
    await testApp.runDueJobs();
    expect(await subjectsTo(testApp, email)).toEqual([]);
    const notice = await testApp.context.db.one(
      sql`select state, skip_reason from notices where cause_id = ${made.id}`,
    );
    expect(notice).toEqual({ state: 'skipped', skipReason: 'suppressed' });
  });

  test('confirmed by another link meanwhile: the mail that waited is not sent', async () => {
    await request();
    await testApp.runDueJobs();
    const link = linkIn(await lastMail(testApp, email), 'confirm');
    testApp.advanceClock(MINUTE_MS);
    const second = await request();
    await testApp.handlers['answer-sign-ups']({ requestIds: [second.id] });
    await post(link);
    await testApp.runDueJobs();
    expect(await subjectsTo(testApp, email)).toEqual(['Confirm your subscription', "You're subscribed"]);
  });

  test('a newsletter that was archived meanwhile mails nobody', async () => {
    const closing = await testApp.createPublication({ slug: 'closing', name: 'The Closing' });
    await request(email, closing.id);
    await archive(testApp, closing.id);
    expect(await testApp.runDueJobs()).toEqual(['answer-sign-ups']);
    expect(await subjectsTo(testApp, email)).toEqual([]);
  });
});

describe('nobody’s inbox is filled', () => {
  test('an impatient reader is mailed one confirmation, not two', async () => {
    const [first, second] = [await request(), await request()];
    await testApp.runDueJobs();
    expect(await subjectsTo(testApp, email)).toEqual(['Confirm your subscription']);
    expect([await outcomeOf(testApp, first), await outcomeOf(testApp, second)]).toEqual([
      'confirmation',
      'capped',
    ]);
  });

  test('again after a minute, then after a day, and no more than three times in 30 days', async () => {
    const tries: [number, number][] = [
      [0, 1],
      [MINUTE_MS - 1, 1],
      [1, 2],
      [DAY_MS - 1, 2],
      [1, 3],
      [DAY_MS, 3],
      [20 * DAY_MS, 3],
      [9 * DAY_MS - 2 * DAY_MS, 3],
    ];
    for (const [wait, mails] of tries) {
      testApp.advanceClock(wait);
      await request();
      await testApp.runDueJobs();
      expect([wait, (await subjectsTo(testApp, email)).length]).toEqual([wait, mails]);
    }
    // The first of the three is 30 days old now.
    testApp.advanceClock(2 * DAY_MS);
    await request();
    await testApp.runDueJobs();
    expect(await subjectsTo(testApp, email)).toHaveLength(4);
  });

  test('a reader who is subscribed is reminded of it no more often than others are asked', async () => {
    await createConfirmedReader(testApp, email);
    for (let press = 0; press < 5; press += 1) {
      await request();
      await testApp.runDueJobs();
    }
    expect(await subjectsTo(testApp, email)).toEqual([
      'Confirm your subscription',
      "You're subscribed",
      "You're already subscribed",
    ]);
  });

  test('all newsletters together mail an address that never clicked five times a day', async () => {
    for (let at = 0; at < 7; at += 1) {
      const other = await testApp.createPublication({ slug: `many-${at}`, name: `The Many ${at}` });
      await request(email, other.id);
    }
    await testApp.runDueJobs();
    expect(await subjectsTo(testApp, email)).toHaveLength(5);
    testApp.advanceClock(DAY_MS);
    await request();
    await testApp.runDueJobs();
    expect(await subjectsTo(testApp, email)).toHaveLength(6);
  });

  test('thirty spellings of one mailbox are mailed as often as one, and each stays as it was typed', async () => {
    const spellings = ['', '.', '+a', '+b.c'].flatMap((dot) =>
      ['gmail.com', 'googlemail.com'].map((domain) =>
        dot.startsWith('+') ? `rita${count}${dot}@${domain}` : `r${dot}ita${count}@${domain}`,
      ),
    );
    for (const spelling of spellings) await request(spelling);
    await testApp.runDueJobs();
    expect(await subjectsTo(testApp, ...spellings)).toHaveLength(1);
    testApp.advanceClock(MINUTE_MS);
    for (const spelling of spellings) await request(spelling);
    await testApp.runDueJobs();
    expect(await subjectsTo(testApp, ...spellings)).toHaveLength(2);
    const tagged = ['+x', '+y', ''].map((tag) => `otto-${count}${tag}@example.org`);
    for (const spelling of tagged) await request(spelling);
    await testApp.runDueJobs();
    expect(await subjectsTo(testApp, ...tagged)).toHaveLength(1);
    expect(await subscriptionOf(testApp, tagged[0] ?? '')).toMatchObject({ email: tagged[0] });
  });

  test('two spellings of one mailbox may both subscribe', async () => {
    const [one, other] = [email, email.replace('@', '+other@')];
    await createConfirmedReader(testApp, one);
    await createConfirmedReader(testApp, other);
    expect((await subscriptionOf(testApp, one)).status).toBe('confirmed');
    expect((await subscriptionOf(testApp, other)).status).toBe('confirmed');
  });

  test('the same address in other cases counts as one', async () => {
    const ways = [
      `Zoe\u0308-${count}@bücher.example`,
      `zoë-${count}@xn--bcher-kva.example`,
      `ZOË-${count}@BÜCHER.example`,
    ];
    for (const way of ways) await request(way);
    await testApp.runDueJobs();
    const people = await testApp.context.db.many<{ email: string }>(
      sql`select email from subscribers where email_key like ${`zo%-${count}@%`}`,
    );
    expect(people).toEqual([{ email: `Zoë-${count}@xn--bcher-kva.example` }]);
    expect(
      await testApp.context.db.many(sql`
        select outcome from sign_up_requests where email ilike ${`zo%-${count}@%`} order by created_at, id
      `),
    ).toEqual([{ outcome: 'confirmation' }, { outcome: 'capped' }, { outcome: 'capped' }]);
  });
});

describe('whatever happens to the workers, she gets one mail', () => {
  test('every job may run twice: the second time nothing happens', async () => {
    const { id: requestId } = await request();
    const notice = () =>
      testApp.context.db.one<{ id: string }>(
        sql`select id from notices order by created_at desc, id desc limit 1`,
      );
    await testApp.runDueJobs();
    const { id: confirmation } = await notice();
    await post(linkIn(await lastMail(testApp, email), 'confirm'));
    await testApp.runDueJobs();
    const { id: welcome } = await notice();
    const consent = await testApp.context.db.one<{ id: string }>(
      sql`select id from consents order by created_at desc, id desc limit 1`,
    );
    const before = await dumpTables(testApp.context.db, []);
    const mails = testApp.smtp.messages.length;
    await testApp.handlers['answer-sign-ups']({ requestIds: [requestId] });
    await testApp.handlers['send-notice']({ noticeId: confirmation });
    await testApp.handlers['send-welcome']({ consentId: consent.id });
    await testApp.handlers['send-notice']({ noticeId: welcome });
    expect(await testApp.runDueJobs()).toEqual([]);
    expect(testApp.smtp.messages).toHaveLength(mails);
    expect(changedTables(before, await dumpTables(testApp.context.db, []))).toEqual([]);
  });

  test('jobs about rows that are gone do nothing', async () => {
    const gone = '019aa000-0000-7000-8000-000000000000';
    const before = await dumpTables(testApp.context.db, []);
    await testApp.handlers['answer-sign-ups']({ requestIds: [gone] });
    await testApp.handlers['send-notice']({ noticeId: gone });
    await testApp.handlers['send-welcome']({ consentId: gone });
    expect(changedTables(before, await dumpTables(testApp.context.db, []))).toEqual([]);
  });

  test('two workers that answer one request at once mail once', async () => {
    const { id: requestId } = await request();
    await Promise.all(
      Array.from({ length: 5 }, () => testApp.handlers['answer-sign-ups']({ requestIds: [requestId] })),
    );
    const { id: noticeId } = await testApp.context.db.one<{ id: string }>(
      sql`select id from notices where cause_id = ${requestId}`,
    );
    await Promise.all(Array.from({ length: 5 }, () => testApp.handlers['send-notice']({ noticeId })));
    await testApp.runDueJobs();
    expect(await subjectsTo(testApp, email)).toEqual(['Confirm your subscription']);
  });

  test('workers that answer many requests of one address at once mail once', async () => {
    const shouted = email.replace('reader', 'READER');
    const requests = [];
    for (let at = 0; at < 8; at += 1) requests.push(await request(at % 2 ? email : shouted));
    await Promise.all(
      requests.map(({ id: requestId }) => testApp.handlers['answer-sign-ups']({ requestIds: [requestId] })),
    );
    await testApp.runDueJobs();
    const outcomes = await Promise.all(requests.map((one) => outcomeOf(testApp, one)));
    expect(outcomes.filter((outcome) => outcome === 'confirmation')).toHaveLength(1);
    expect(outcomes.filter((outcome) => outcome === 'capped')).toHaveLength(7);
    expect(await subjectsTo(testApp, email, shouted)).toHaveLength(1);
  });

  test('a mail server that asks to try later is tried later, and she is mailed once', async () => {
    testApp.smtp.setScript((stage) => (stage === 'rcpt' ? '451 4.7.1 Greylisted' : undefined));
    await request();
    await testApp.runDueJobs();
    expect(await subjectsTo(testApp, email)).toEqual([]);
    testApp.smtp.setScript(() => undefined);
    testApp.advanceClock(5 * MINUTE_MS);
    await testApp.handlers.sweep({});
    await testApp.runDueJobs();
    expect(await subjectsTo(testApp, email)).toEqual(['Confirm your subscription']);
  });
});
