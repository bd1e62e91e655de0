import { addFeed } from '../../src/articles/feeds/change-feeds.js';
import type { Article } from '../../src/articles/article.js';
import type { Feed } from '../../src/articles/feeds/feed.js';
import { pollFeed, type PollResult } from '../../src/articles/poll/poll-feed.js';
import { listArticles } from '../../src/articles/reads.js';
import { listFeeds } from '../../src/articles/feeds/reads.js';
import { sql } from '../../src/platform/db/sql.js';
import type { JobName } from '../../src/platform/jobs/definitions.js';
import type { NewPublication, Publication } from '../../src/publications/publication.js';
import { startFeedServer, type FeedArticle, type FeedServer } from './feed-server.js';
import { openTestApp, type TestApp } from './test-app.js';
import { HOUR_MS } from '../../src/platform/durations.js';

/** A publication that can follow the feed of one publisher's server. */
export type FeedTestApp = {
  app: TestApp;
  server: FeedServer;
  publication: Publication;
  /** Adds a feed, the publisher's when no other is named, and polls it for the first time. */
  follow(includeNewest?: number, url?: string): Promise<Feed>;
  /** Polls the only feed once more. */
  poll(): Promise<PollResult>;
  /** Polls it without the validator of the last poll: it is read even if it has not changed. */
  pollWithoutValidator(): Promise<PollResult>;
  /** The only feed of the publication. */
  feed(): Promise<Feed>;
  /** Every article by its id in the feed. */
  articles(): Promise<Record<string, Article>>;
  /** Puts articles on top of the feed, the last one first. */
  addToFeed(...articles: FeedArticle[]): void;
  /** What the schedule does every quarter of a minute, and everything that follows from it. */
  runScheduledJob(name: 'poll-due' | 'release-due' | 'plan-due'): Promise<JobName[]>;
};

const opened: { testApp: TestApp; server: FeedServer }[] = [];

/** Closes every one that was opened, after each test or after all tests of a file. */
export async function closeFeedTestApps(): Promise<void> {
  for (const { testApp, server } of opened.splice(0)) {
    await testApp.close();
    await server.close();
  }
}

/** To be closed with `closeFeedTestApps`. */
export async function openFeedTestApp(settings: Partial<NewPublication> = {}): Promise<FeedTestApp> {
  const testApp = await openTestApp();
  const server = await startFeedServer();
  opened.push({ testApp, server });
  const publication = await testApp.createPublication(settings);
  const { context } = testApp;
  const feed = async () => {
    const [only, ...others] = await listFeeds(context.db, publication.id);
    if (only === undefined || others.length > 0) throw new Error('There is not one feed');
    return only;
  };
  return {
    app: testApp,
    server,
    publication,
    feed,
    follow: async (includeNewest = 0, url = server.url) => {
      const added = await addFeed(context, { publicationId: publication.id, url, includeNewest });
      if (added.kind !== 'added') throw new Error(`The feed was not added: ${added.kind}`);
      await pollFeed(context, added.feedId);
      const all = await listFeeds(context.db, publication.id);
      return all.find(({ id }) => id === added.feedId) ?? feed();
    },
    poll: async () => pollFeed(context, (await feed()).id),
    pollWithoutValidator: async () => {
      await context.db.run(sql`update feeds set etag = null`);
      return pollFeed(context, (await feed()).id);
    },
    articles: async () => {
      const all = await listArticles(context.db, publication.id, 1000);
      return Object.fromEntries(all.map((article) => [article.externalId, article]));
    },
    addToFeed: (...articles) => void server.articles.unshift(...articles.toReversed()),
    runScheduledJob: async (name) => {
      await testApp.handlers[name]({});
      return testApp.runDueJobs();
    },
  };
}

/** An article of so many hours before the application's clock. */
export function articleHoursAgo(
  testApp: TestApp,
  hoursAgo: number,
  article: Omit<FeedArticle, 'date'>,
): FeedArticle {
  return { ...article, date: new Date(testApp.context.now().getTime() - hoursAgo * HOUR_MS) };
}
