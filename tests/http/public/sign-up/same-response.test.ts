import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { sql } from '../../../../src/platform/db/sql.js';
import { openTestApp, type TestApp } from '../../../support/test-app.js';
import {
  createConfirmedReader,
  open,
  post,
  postJson,
  signUp,
  subscriptionOf,
} from '../../../support/reader-actions.js';
import { recordStatements } from '../recorded-statements.js';
import { DAY_MS } from '../../../../src/platform/durations.js';

// Of one length, so that responses can only differ by what is known of the address.
const known = {
  new: 'reader0@example.com',
  pending: 'reader1@example.com',
  confirmed: 'reader2@example.com',
  paused: 'reader3@example.com',
  unsubscribed: 'reader4@example.com',
  suppressed: 'reader5@example.com',
};
const addresses = Object.entries(known);

let testApp: TestApp;
let form: string;

beforeAll(async () => {
  testApp = await openTestApp();
  await testApp.createPublication();
  form = `${testApp.url}/lantern/subscriptions`;
  const { db } = testApp.context;
  await signUp(testApp, known.pending);
  await createConfirmedReader(testApp, known.confirmed);
  await createConfirmedReader(testApp, known.paused);
  await db.run(sql`
    update subscriptions set status = 'paused' where id = ${(await subscriptionOf(testApp, known.paused)).id}
  `);
  await post((await createConfirmedReader(testApp, known.unsubscribed)).unsubscribeLink);
  const { unsubscribeLink } = await createConfirmedReader(testApp, known.suppressed);
  await post(unsubscribeLink);
  await db.run(sql`
    insert into suppressions (address_hash, reason, created_at)
    values (${testApp.context.hashAddress(known.suppressed)}, 'complained', ${testApp.context.now()})
  `);
  testApp.advanceClock(2 * DAY_MS);
});

afterAll(() => testApp.close());

test('the form answers the same, with the same work in the database, whatever is known of the address', async () => {
  const answers = [];
  // Whether there is an attack is cached for some seconds.
  await post(form, { email: known.new });
  for (const [state, email] of addresses) {
    const { result, statements } = await recordStatements(testApp.context.db, () => post(form, { email }));
    answers.push({ state, ...(await answerOf(result)), statements });
  }
  expect(answers[0]).toMatchObject({ status: 303, location: '/check-inbox/TICKET' });
  expect(answers[0]?.statements).toEqual([
    expect.stringMatching(/^select .* from publications where slug =/),
    expect.stringMatching(/^begin/),
    expect.stringMatching(/^insert into sign_up_limits/),
    expect.stringMatching(/^insert into sign_up_requests/),
    expect.stringMatching(/^insert into outbox/),
    expect.stringMatching(/^insert into sign_up_counts/),
    'commit',
  ]);
  for (const answer of answers) expect(answer).toEqual({ ...answers[0], state: answer.state });
});

test('a program is answered the same too, headers and all', async () => {
  const answers = [];
  for (const [state, email] of addresses) {
    const { result, statements } = await recordStatements(testApp.context.db, () =>
      postJson(form, { email }),
    );
    answers.push({ state, ...(await answerOf(result)), statements });
  }
  expect(answers[0]).toMatchObject({ status: 202, body: '{"status":"check-inbox"}' });
  for (const answer of answers) expect(answer).toEqual({ ...answers[0], state: answer.state });
});

test('"check your inbox" reads the same for all of them, and so does sending again', async () => {
  const pages = [];
  const again = [];
  for (const [state, email] of addresses) {
    const first = await post(form, { email });
    await testApp.runDueJobs();
    const page = `${testApp.url}${first.headers.get('location')}`;
    pages.push({ state, ...(await answerOf(await open(page))) });
    const early = await answerOf(await post(`${page}/resend`));
    testApp.advanceClock(61_000);
    again.push({ state, early, later: await answerOf(await post(`${page}/resend`)) });
    await testApp.runDueJobs();
  }
  expect(pages[0]).toMatchObject({ status: 200, body: expect.stringContaining('r•••••@example.com') });
  expect(again[0]).toMatchObject({
    early: { location: '/check-inbox/TICKET?done=later' },
    later: { status: 303 },
  });
  for (const page of pages) expect(page).toEqual({ ...pages[0], state: page.state });
  for (const each of again) expect(each).toEqual({ ...again[0], state: each.state });
});

test('no subscription is changed by any of it', async () => {
  const { db } = testApp.context;
  const read = () =>
    db.many(sql`
      select s.*
        from subscriptions s
        join subscribers p on p.id = s.subscriber_id
       where p.email_key <> ${known.new}
       order by s.id
    `);
  const before = await read();
  for (const [, email] of addresses) {
    await signUp(testApp, email, { cadence: 'monthly', timezone: 'Asia/Tokyo', locale: 'sw' });
  }
  testApp.advanceClock(DAY_MS);
  for (const [, email] of addresses) await signUp(testApp, email, { cadence: 'weekly' });
  expect(before).toHaveLength(5);
  expect(await read()).toEqual(before);
});

/** A response without what may differ: the ticket and the date. */
async function answerOf(answer: Response) {
  const { date: _, location = '', ...headers } = Object.fromEntries(answer.headers);
  const body = (await answer.text()).replaceAll(/check-inbox\/[\w-]{82}/g, 'check-inbox/TICKET');
  // An entity tag is a hash of the page with its ticket.
  delete headers['etag'];
  return {
    status: answer.status,
    location: location.replace(/[\w-]{82}/, 'TICKET'),
    headers,
    body,
  };
}
