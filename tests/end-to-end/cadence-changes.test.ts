import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { sql } from '../../src/platform/db/sql.js';
import { cadences, type Publication } from '../../src/publications/publication.js';
import { changeChoices, type ChoicesChange } from '../../src/subscribers/preferences/change-choices.js';
import { createConfirmedReader, readMails } from '../support/reader-actions.js';
import { seed } from '../support/seed.js';
import { openTestApp, type TestApp } from '../support/test-app.js';
import {
  addArticles,
  addReader,
  resetTestApp,
  advanceAndRunJobs,
  reloadReader,
} from '../support/fixtures.js';
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../../src/platform/durations.js';
import { listDeliveries, describePlan } from '../support/deliveries.js';

const STORIES = 20;
const TOPICS = ['Harbour', 'Kitchen', 'Town'];
/** Both sides of the date line, changing clocks, quarters of an hour. */
const ZONES = [
  'Africa/Nairobi',
  'America/New_York',
  'Asia/Kathmandu',
  'Pacific/Kiritimati',
  'Pacific/Pago_Pago',
  'Australia/Lord_Howe',
];

let testApp: TestApp;
let publication: Publication;

/** Sunday, 25 October 2026: clocks change in Europe that day, in America the week after. */
beforeAll(async () => {
  testApp = await openTestApp({ now: new Date('2026-10-25T00:00:00Z') });
});
beforeEach(async () => {
  await resetTestApp(testApp);
  publication = await testApp.createPublication({ topics: TOPICS });
});
afterAll(() => testApp.close());

describe('a reader who changes her mind again and again', () => {
  const names = ['ada@example.com', 'bea@example.com', 'cleo@example.com'];
  const change = fc.record(
    {
      cadence: fc.constantFrom(...cadences),
      hour: fc.integer({ min: 0, max: 23 }),
      weekday: fc.integer({ min: 1, max: 7 }),
      dayOfMonth: fc.integer({ min: 1, max: 31 }),
      timezone: fc.constantFrom(...ZONES),
    },
    { requiredKeys: ['cadence'] },
  );
  const step = fc.oneof(
    {
      weight: 4,
      arbitrary: fc.record({
        release: fc.array(fc.constantFrom(...TOPICS, 'Elsewhere'), { minLength: 1, maxLength: 5 }),
      }),
    },
    { weight: 4, arbitrary: fc.record({ who: fc.integer({ min: 0, max: 2 }), change }) },
    { weight: 5, arbitrary: fc.record({ hours: fc.integer({ min: 1, max: 60 }) }) },
    { weight: 1, arbitrary: fc.record({ outage: fc.integer({ min: 1, max: 72 }) }) },
  );
  const stories = fc.sample(fc.array(step, { minLength: 12, maxLength: 24 }), {
    numRuns: STORIES,
    seed,
  });

  test.each(stories.map((story, index) => [index + 1, story] as const))(
    'sequence %i: each article of her topics reaches her once, each digest has a key of its own',
    async (number, story) => {
      const expected = new Map<string, string[]>();
      const wants = [[], ['Harbour'], ['Kitchen', 'Town']];
      const readers = [
        await addReader(testApp, publication, 'ada@example.com', {
          cadence: 'daily',
          topics: wants[0] ?? [],
        }),
        await addReader(testApp, publication, 'bea@example.com', {
          cadence: 'instant',
          topics: wants[1] ?? [],
        }),
      ];
      let released = 0;
      const release = async (topics: readonly string[]) => {
        for (const topic of topics) {
          const title = `Article ${(released += 1)}`;
          await addArticles(testApp, publication, {
            title,
            content: `<p>${title}.</p>`,
            categories: [topic],
          });
          for (const [at, { email }] of readers.entries()) {
            const wanted = wants[at] ?? [];
            if (wanted.length === 0 || wanted.includes(topic))
              expected.set(email, [...(expected.get(email) ?? []), title]);
          }
        }
        await testApp.runDueJobs();
      };
      for (const [at, one] of story.entries()) {
        // Cleo confirms in between: what was released by then is not for her.
        if (at === Math.floor(story.length / 2)) {
          const { subscription } = await createConfirmedReader(testApp, 'cleo@example.com', {
            cadence: 'weekly',
          });
          await changeChoices(testApp.context, subscription.id, { topics: wants[2] });
          readers.push(subscription);
        }
        if ('release' in one) await release(one.release);
        else if ('hours' in one) await runScheduleFor(one.hours * HOUR_MS);
        else if ('outage' in one) await planAfterOutage(one.outage * HOUR_MS);
        else await changeAndWork(readers[one.who % readers.length], one.change);
      }
      await runUntilAllRead();
      for (const email of names)
        expect([number, email, (await listArrivedTitles(email)).toSorted()]).toEqual([
          number,
          email,
          (expected.get(email) ?? []).toSorted(),
        ]);
      const keys = (await describePlan(testApp)).map((line) => line.slice(0, line.indexOf(':')));
      expect(new Set(keys).size).toBe(keys.length);
    },
  );
});

describe('a change between two digests', () => {
  test('from daily to instant brings at once what was waiting for her hour', async () => {
    const ada = await addReader(testApp, publication, 'ada@example.com', { cadence: 'daily', hour: 23 });
    await addArticles(testApp, publication, 'Harbour', 'Storm');
    await advanceAndRunJobs(testApp, MINUTE_MS);
    expect(await describePlan(testApp)).toEqual([]);
    await changeAndWork(ada, { cadence: 'instant' });
    expect(await describePlan(testApp)).toEqual([
      'ada@example.com instant 1: Harbour',
      'ada@example.com instant 2: Storm',
    ]);
    await changeAndWork(ada, { cadence: 'instant', hour: 3 });
    expect(await describePlan(testApp)).toHaveLength(2);
  });

  test('that adds her late to an old digest still leaves three days to send it', async () => {
    const ada = await addReader(testApp, publication, 'ada@example.com', { cadence: 'monthly' });
    await addReader(testApp, publication, 'bea@example.com', { cadence: 'instant' });
    await addArticles(testApp, publication, 'Harbour');
    await advanceAndRunJobs(testApp, MINUTE_MS);
    await advanceAndRunJobs(testApp, 5 * DAY_MS);
    testApp.smtp.setScript((stage) => (stage === 'rcpt' ? '451 4.7.1 Greylisted' : undefined));
    await changeAndWork(ada, { cadence: 'instant' });
    testApp.smtp.setScript(() => undefined);
    await advanceAndRunJobs(testApp, 10 * MINUTE_MS);
    expect((await listDeliveries(testApp)).map(({ email, state }) => `${email} ${state}`)).toEqual([
      'bea@example.com accepted',
      'ada@example.com accepted',
    ]);
  });

  test('of the hour to an earlier one before today’s digest leaves today out, and loses nothing', async () => {
    await advanceTo('2026-11-22T03:00:00Z');
    const ada = await addReader(testApp, publication, 'ada@example.com', { cadence: 'daily', hour: 18 });
    await addArticles(testApp, publication, 'Harbour');
    await runScheduleFor(9 * HOUR_MS);
    await changeAndWork(ada, { hour: 9 });
    await runScheduleFor(DAY_MS);
    expect(await describePlan(testApp)).toEqual(['ada@example.com daily 2026-11-23: Harbour']);
    expect((await reloadReader(testApp, ada)).nextDueAt).toEqual(new Date('2026-11-24T06:00:00Z'));
  });

  test.each([
    {
      // 07:00 of 23 November in Kiritimati; 07:00 of 22 November in Pago Pago is an hour later.
      start: '2027-11-22T16:00:00Z',
      from: 'Pacific/Kiritimati',
      to: 'Pacific/Pago_Pago',
      expected: [
        'daily 2027-11-23: Before',
        'daily 2027-11-22: After',
        'daily 2027-11-24: Had that date, Later',
      ],
    },
    {
      start: '2027-11-22T17:00:00Z',
      from: 'Pacific/Pago_Pago',
      to: 'Pacific/Kiritimati',
      expected: [
        'daily 2027-11-22: Before',
        'daily 2027-11-24: After',
        'daily 2027-11-25: Had that date',
        'daily 2027-11-26: Later',
      ],
    },
  ])('of the zone from $from to $to never repeats a date', async ({ start, from, to, expected }) => {
    await advanceTo(start);
    const ada = await addReader(testApp, publication, 'ada@example.com', {
      cadence: 'daily',
      timezone: from,
    });
    for (const [at, title] of ['Before', 'After', 'Had that date', 'Later'].entries()) {
      await addArticles(testApp, publication, title);
      await runScheduleFor(at === 0 ? 1.5 * HOUR_MS : DAY_MS);
      if (at === 0) await changeAndWork(ada, { timezone: to });
    }
    await runScheduleFor(3 * DAY_MS);
    const hers = (await describePlan(testApp)).map((line) => line.replace('ada@example.com ', ''));
    expect(hers).toEqual(expected);
  });
});

test('after a weekly digest that comes two days late she still gets the next one', async () => {
  await advanceTo('2028-11-19T12:00:00Z'); // a Sunday
  await addReader(testApp, publication, 'ada@example.com', { cadence: 'weekly', weekday: 7, hour: 19 });
  await addArticles(testApp, publication, 'Harbour');
  await planAfterOutage(2 * DAY_MS);
  await addArticles(testApp, publication, 'Storm');
  await runScheduleFor(7 * DAY_MS);
  expect(await describePlan(testApp)).toEqual([
    'ada@example.com weekly 2028-W46: Harbour',
    'ada@example.com weekly 2028-W47: Storm',
  ]);
  expect((await readMails(testApp)).map(({ to }) => to)).toEqual(['ada@example.com', 'ada@example.com']);
});

test.each<ChoicesChange>([{ topics: [] }, { locale: 'sw' }, { hour: 6 }, { weekday: 2 }])(
  'a digest that is due and waits for the planner comes although she saves %j meanwhile',
  async (change) => {
    await advanceTo('2028-12-03T12:00:00Z'); // a Sunday
    const ada = await addReader(testApp, publication, 'ada@example.com', {
      cadence: 'weekly',
      weekday: 7,
      hour: 19,
    });
    await addArticles(testApp, publication, 'Harbour');
    testApp.advanceClock(8 * HOUR_MS);
    await changeChoices(testApp.context, ada.id, change);
    await runScheduleFor(MINUTE_MS);
    expect(await describePlan(testApp)).toEqual(['ada@example.com weekly 2028-W48: Harbour']);
    expect((await reloadReader(testApp, ada)).nextDueAt).not.toBeNull();
  },
);

test('a clock that goes back an hour after a digest brings no second one, not even when she changes her hour', async () => {
  await advanceTo('2029-11-22T04:00:00Z');
  const ada = await addReader(testApp, publication, 'ada@example.com', { cadence: 'daily', hour: 8 });
  await addArticles(testApp, publication, 'Harbour');
  await runScheduleFor(HOUR_MS);
  testApp.advanceClock(-HOUR_MS);
  await addArticles(testApp, publication, 'Storm');
  await changeAndWork(ada, { weekday: 3 });
  await runScheduleFor(3 * HOUR_MS);
  expect(await describePlan(testApp)).toEqual(['ada@example.com daily 2029-11-22: Harbour']);
  await runScheduleFor(DAY_MS);
  expect(await describePlan(testApp)).toEqual([
    'ada@example.com daily 2029-11-22: Harbour',
    'ada@example.com daily 2029-11-23: Storm',
  ]);
});

/** Changes her choices, and runs the jobs that follow. */
async function changeAndWork(reader: { id: string } | undefined, change: ChoicesChange): Promise<void> {
  if (reader === undefined) throw new Error('Nobody there');
  await changeChoices(testApp.context, reader.id, change);
  await testApp.runDueJobs();
}

/** Time passes, and planning runs whenever somebody is due. */
async function runScheduleFor(milliseconds: number): Promise<void> {
  const { now } = testApp.context;
  const end = now().getTime() + milliseconds;
  for (let due = await nextDue(); due !== null && due.getTime() <= end; due = await nextDue()) {
    testApp.advanceClock(Math.max(0, due.getTime() - now().getTime()));
    await testApp.handlers['plan-due']({});
    await testApp.runDueJobs();
  }
  testApp.advanceClock(end - now().getTime());
  await plan();
}

/** Everybody's next digest, and one more for those who had this month's already. */
async function runUntilAllRead(): Promise<void> {
  const { db, now } = testApp.context;
  const start = now().getTime();
  const behind = () =>
    db.many(sql`
      select s.id
        from subscriptions s
        join publications p on p.id = s.publication_id
       where s.watermark < p.last_seq
    `);
  while ((await behind()).length > 0) {
    const due = await nextDue();
    if (due === null || due.getTime() > start + 63 * DAY_MS) throw new Error('Somebody was forgotten');
    await runScheduleFor(Math.max(0, due.getTime() - now().getTime()));
  }
}

async function nextDue(): Promise<Date | null> {
  const { due } = await testApp.context.db.one<{ due: Date | null }>(
    sql`select min(next_due_at) as due from subscriptions where status = 'confirmed'`,
  );
  return due;
}

/** Time passes, and planning runs only at its end. */
async function planAfterOutage(milliseconds: number): Promise<void> {
  testApp.advanceClock(milliseconds);
  await plan();
}

async function plan(): Promise<void> {
  await testApp.handlers['plan-due']({});
  await testApp.handlers.sweep({});
  await testApp.runDueJobs();
}

async function advanceTo(moment: string): Promise<void> {
  testApp.advanceClock(Date.parse(moment) - testApp.context.now().getTime());
}

/** The articles in the digests that the mail server took for her. */
async function listArrivedTitles(email: string): Promise<string[]> {
  const hers = (await listDeliveries(testApp)).filter((delivery) => delivery.email === email);
  expect(hers.map(({ state }) => state)).toEqual(hers.map(() => 'accepted'));
  const digests = testApp.smtp.messages.filter(
    ({ to, raw }) => to === email && /^List-Id:/im.test(raw.toString('latin1')),
  );
  expect(digests).toHaveLength(hers.length);
  return hers.flatMap(({ titles }) => titles);
}
