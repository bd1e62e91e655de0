import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, test } from '@jest/globals';
import { parseFeed } from '../../src/articles/parse/parse-feed.js';
import { listFeeds } from '../../src/articles/feeds/reads.js';
import { sendOperatorDigest } from '../../src/deliveries/plan/operator-digest.js';
import { createConfirmedReader, readMails, type ReaderMail } from '../support/reader-actions.js';
import { closeFeedTestApps, openFeedTestApp, type FeedTestApp } from '../support/feed-test-app.js';
import { DAY_MS, HOUR_MS } from '../../src/platform/durations.js';

// Feeds as real publishers wrote them, kept beside the checkout because they are not ours to publish.
const FOLDER = join(import.meta.dirname, '../../../shared/data/feeds');
const RSS = 'feedjira/TenderLovemaking.xml';
const ATOM = 'feedjira/SamRuby.xml';
const isThere = [RSS, ATOM].every((file) => existsSync(join(FOLDER, file)));
const withFiles = isThere ? test : test.skip;
afterEach(closeFeedTestApps);

/** The clock of a test application shows 12:00 in Nairobi, where the newsletter and its readers are. */
const UNTIL_SEVEN_MS = 19 * HOUR_MS;

withFiles(
  'two real feeds, one RSS and one Atom, reach their readers once (skipped without ../shared/data/feeds)',
  async () => {
    const feedApp = await openFeedTestApp();
    const { app, publication } = feedApp;
    await createConfirmedReader(app, 'ana@example.com', { cadence: 'instant' });
    await createConfirmedReader(app, 'ben@example.com', { cadence: 'daily' });
    const welcomed = app.smtp.messages.length;
    const mails = async () => (await readMails(app)).slice(welcomed);
    await feedApp.follow(3, serve(feedApp, RSS));
    await feedApp.follow(3, serve(feedApp, ATOM));
    await app.runDueJobs();

    // Six articles are due to Ana at once: as these are more than three, she gets them as one digest of the day. Ben chose
    // daily and gets nothing yet.
    const [anas, ...more] = await mails();
    expect([anas?.to, more.length]).toEqual(['ana@example.com', 0]);
    const titles = [...newestTitles(RSS), ...newestTitles(ATOM)];
    expect(titles).toHaveLength(6);
    expectOnceEach(anas, titles);

    // At seven in the morning Ben gets the same six as his digest of that day; Ana has had hers.
    app.advanceClock(UNTIL_SEVEN_MS);
    await feedApp.runScheduledJob('plan-due');
    const [, bens, ...others] = await mails();
    expect([bens?.to, others.length]).toEqual(['ben@example.com', 0]);
    expectOnceEach(bens, titles);

    // Nothing new in the feeds, nothing due to anybody: not after a second poll, not by an operator's digest, not tomorrow.
    await pollAll(feedApp);
    expect(await sendOperatorDigest(app.context, publication.id)).toEqual({ kind: 'nobody-due' });
    app.advanceClock(DAY_MS);
    await feedApp.runScheduledJob('poll-due');
    await feedApp.runScheduledJob('plan-due');
    expect(await mails()).toHaveLength(2);
  },
);

/** Puts a file on the publisher's server and answers its address. */
function serve({ server }: FeedTestApp, file: string): string {
  server.setResponse(`/${file}`, {
    status: 200,
    headers: { 'content-type': 'application/xml' },
    body: readFileSync(join(FOLDER, file)),
  });
  return `${server.origin}/${file}`;
}

function newestTitles(file: string): string[] {
  const parsed = parseFeed(readFileSync(join(FOLDER, file)), { url: 'https://feeds.example/' });
  if (parsed.kind !== 'feed') throw new Error(parsed.failure.code);
  const time = (date: Date | undefined) => date?.getTime() ?? 0;
  const newest = parsed.feed.items.toSorted((a, b) => time(b.publishedAt) - time(a.publishedAt));
  return newest.slice(0, 3).map(({ title }) => title);
}

/** Each title heads one article of the mail: it stands alone on a line of the text part, once. */
function expectOnceEach(mail: ReaderMail | undefined, titles: string[]): void {
  const text = (mail?.text ?? '').split('\n').map((line) => line.trim());
  for (const title of titles) {
    expect([title, text.filter((line) => line === title).length]).toEqual([title, 1]);
  }
}

async function pollAll({ app, publication, server }: FeedTestApp): Promise<void> {
  const asked = server.requests.length;
  for (const feed of await listFeeds(app.context.db, publication.id)) {
    await app.handlers['poll-feed']({ feedId: feed.id });
  }
  await app.runDueJobs();
  expect(server.requests.length).toBeGreaterThanOrEqual(asked + 2);
}
