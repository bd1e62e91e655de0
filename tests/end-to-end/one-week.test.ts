import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { holdArticle, releaseArticle, retractArticle } from '../../src/articles/release/decide-article.js';
import { pushArticle } from '../../src/articles/ingest/push-article.js';
import type { Publication } from '../../src/publications/publication.js';
import { requestConfirmLink, readMails, post } from '../support/reader-actions.js';
import { openTestApp, type TestApp } from '../support/test-app.js';
import { MINUTE_MS } from '../../src/platform/durations.js';

const QUARTER_MS = 15 * MINUTE_MS;

let testApp: TestApp;
let publication: Publication;

beforeAll(async () => {
  testApp = await openTestApp({ now: new Date('2026-10-26T04:50:00Z') });
  publication = await testApp.createPublication({
    topics: ['Harbour', 'Kitchen', 'Town', 'Weather'],
    defaultCadence: 'daily',
    holdMinutes: 10,
  });
});
afterAll(() => testApp.close());

/** What people do, at times in UTC. The hold window of an article is ten minutes. */
const timeline: [at: string, deed: () => Promise<unknown>][] = [
  ['26T04:50', () => publishArticle('Old ferry', 'Harbour')],
  ['26T05:02', () => subscribe('nia@example.com', 'cadence=instant&timezone=Africa/Nairobi')],
  ['26T12:03', () => subscribe('walt@example.com', 'cadence=daily&hour=7&timezone=America/New_York')],
  [
    '26T13:31',
    () =>
      subscribe(
        'sita@example.com',
        'cadence=weekly&weekday=7&hour=19&timezone=Asia/Kathmandu&topics=Harbour&topics=Kitchen',
      ),
  ],
  ['26T15:00', () => publishArticle('High tide', 'Harbour')],
  ['26T23:40', () => publishArticle('Night catch', 'Harbour')],
  ['27T09:00:10', () => publishArticle('Rye bread', 'Kitchen')],
  ['27T09:00:50', () => publishArticle('Fish soup', 'Kitchen')],
  ['28T02:00', () => publishArticle('Wrong price', 'Town')],
  ['28T02:06', () => retractByTitle('Wrong price')],
  ['28T14:00', () => publishArticle('The mayor', 'Town')],
  ['28T14:05', () => holdByTitle('The mayor')],
  ['29T08:00', () => publishArticle('Crab pots', 'Harbour')],
  ['29T08:00', () => publishArticle('Apple pie', 'Kitchen')],
  ['29T08:00', () => publishArticle('New roads', 'Town')],
  ['29T08:00', () => publishArticle('School play', 'Town')],
  ['29T20:00', () => releaseByTitle('The mayor')],
  ['30T10:51', () => publishArticle('Thick fog', 'Weather')],
  ['31T15:00', () => publishArticle('Ghost ship', 'Harbour')],
  ['31T16:00', () => retractByTitle('Ghost ship')],
  ['31T22:00', () => publishArticle('Lamb stew', 'Kitchen')],
  ['01T05:30', () => publishArticle('Clocks change', 'Town')],
  ['01T13:04', () => publishArticle('Late crab', 'Harbour')],
  ['01T13:06', () => publishArticle('Too late', 'Kitchen')],
];

/** Every mail of the week in UTC, written before the first run. */
const expectedMails = [
  // Monday. Nia confirms two minutes after the ferry was released: nobody ever gets it. Each sign-up is two mails.
  '26T05:02 nia: Confirm your subscription to The Lantern',
  "26T05:02 nia: You're subscribed to The Lantern",
  // Five past eight in New York: his hour has passed, so his first digest is Tuesday's.
  '26T12:03 walt: Confirm your subscription to The Lantern',
  "26T12:03 walt: You're subscribed to The Lantern",
  '26T13:31 sita: Confirm your subscription to The Lantern',
  "26T13:31 sita: You're subscribed to The Lantern",
  // Instant: in the minute when the hold window ends, by day and at ten to three at night.
  '26T15:10 nia: High tide',
  '26T23:50 nia: Night catch',
  // Two within a minute are two mails to an instant reader; only more than three at once become one.
  '27T09:11 nia: Rye bread',
  '27T09:11 nia: Fish soup',
  // 07:00 in New York is 11:00 UTC while summer time lasts.
  '27T11:00 walt: High tide, Night catch, Rye bread, Fish soup',
  // Wednesday: one article was retracted while it waited, one is held. Nobody is mailed, and Walt gets no digest.
  // Thursday: four at once are one digest for Nia.
  '29T08:10 nia: Crab pots, Apple pie, New roads, School play',
  '29T11:00 walt: Crab pots, Apple pie, New roads, School play',
  // The operator releases the mayor: at once, without another ten minutes.
  '29T20:00 nia: The mayor',
  '30T11:00 walt: The mayor',
  // Released one minute after Walt's digest: it waits a day for him.
  '30T11:01 nia: Thick fog',
  '31T11:00 walt: Thick fog',
  // Mailed to Nia before it was retracted; the others did not get it.
  '31T15:10 nia: Ghost ship',
  '31T22:10 nia: Lamb stew',
  // In New York it is twenty to two, for the first time that night.
  '01T05:40 nia: Clocks change',
  // 11:00 UTC is six in the morning in New York now; seven is an hour later.
  '01T12:00 walt: Lamb stew, Clocks change',
  // 19:00 in Kathmandu. Harbour and Kitchen of the whole week; the crab came out a minute before, the last one waits a week.
  '01T13:14 nia: Late crab',
  '01T13:15 sita: High tide, Night catch, Rye bread, Fish soup, Crab pots, Apple pie, Lamb stew, Late crab',
  '01T13:16 nia: Too late',
  // Monday again.
  '02T12:00 walt: Late crab, Too late',
];

test('in a week of three readers every expected mail comes at its time, and no other does', async () => {
  const arrivals = await runUntil('2026-11-02T13:00:00Z');
  const mails = await readMails(testApp);
  const titles = [...ids.keys()];
  const found = mails.map(({ to, subject, text, header }, index) => {
    // A welcome shows what was out lately: only digests are read for articles.
    const articles = titles.filter((title) => text.includes(title));
    const inOrder = articles.toSorted((a, b) => text.indexOf(a) - text.indexOf(b));
    const what = header('list-id') === undefined ? subject : inOrder.join(', ');
    return `${arrivals[index]?.toISOString().slice(8, 16)} ${to.split('@')[0]}: ${what}`;
  });
  expect(sortedByMinute(found)).toEqual(sortedByMinute(expectedMails));
});

/** Quarter by quarter, and minute by minute while anything is going on, with everything the schedule repeats. */
async function runUntil(end: string): Promise<Date[]> {
  const { now } = testApp.context;
  const arrivals: Date[] = [];
  const note = () => {
    while (arrivals.length < testApp.smtp.messages.length) arrivals.push(now());
  };
  const left = timeline.map(([at, deed]) => ({ at: parseMoment(at), deed }));
  let busyUntil = 0;
  while (now().getTime() < Date.parse(end)) {
    while (left[0] !== undefined && left[0].at <= now().getTime()) {
      await left.shift()?.deed();
      busyUntil = now().getTime() + QUARTER_MS;
      note();
    }
    for (const name of ['release-due', 'plan-due', 'sweep'] as const) await testApp.handlers[name]({});
    await testApp.runDueJobs();
    note();
    const step = now().getTime() < busyUntil ? MINUTE_MS : QUARTER_MS;
    const tick = Math.floor(now().getTime() / step + 1) * step;
    testApp.advanceClock(Math.min(tick, left[0]?.at ?? tick) - now().getTime());
  }
  return arrivals;
}

/** She signs up, opens the link in her mail, chooses, and presses the button. */
async function subscribe(email: string, choices: string): Promise<void> {
  const link = await requestConfirmLink(testApp, email);
  const answer = await post(link, `choices=yes&${choices}`);
  expect([email, answer.status]).toEqual([email, 303]);
  await testApp.runDueJobs();
}

const ids = new Map<string, string>();

async function publishArticle(title: string, topic: string): Promise<void> {
  const url = `https://lantern.example/${ids.size}`;
  const pushed = await pushArticle(testApp.context, publication, {
    title,
    url,
    content: '<p>Told in full.</p>',
    categories: [topic],
  });
  if (pushed.kind === 'known') throw new Error('The article was known');
  ids.set(title, pushed.id);
}

const idOf = (title: string) => ids.get(title) ?? '';
const retractByTitle = (title: string) => retractArticle(testApp.context, idOf(title));
const holdByTitle = (title: string) => holdArticle(testApp.context, idOf(title));
const releaseByTitle = (title: string) => releaseArticle(testApp.context, idOf(title));

/** 26T05:02 is in October, 01T05:30 in November 2026. */
function parseMoment(at: string): number {
  const month = at < '26' ? '11' : '10';
  return Date.parse(`2026-${month}-${at.length === 8 ? `${at}:00` : at}Z`);
}

/** Mails to several readers may leave within one minute in any order. */
function sortedByMinute(lines: readonly string[]): string[] {
  const minutes = [...new Set(lines.map((line) => line.slice(0, 8)))];
  return minutes.flatMap((minute) => lines.filter((line) => line.startsWith(minute)).toSorted());
}
