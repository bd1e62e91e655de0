import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { plainText } from '../../../src/articles/clean/excerpt.js';
import { reportFeed, type FeedReport } from '../../../src/articles/parse/feed-report.js';
import { parseFeed } from '../../../src/articles/parse/parse-feed.js';

/**
 * What a reader would show of a feed, gathered from the feed itself with other tools. `has` are words of the content,
 * `contentHas` and `lacks` are HTML; what is absent is not compared.
 */
type Expected =
  | { notAFeed: true }
  | {
      count: number;
      title: string | null;
      url: string | null;
      language?: string | null;
      articles: Record<string, ExpectedArticle>;
    };

type ExpectedArticle = {
  id?: string | null;
  url?: string | null;
  title?: string;
  published?: string | null;
  updated?: string | null;
  image?: string | null;
  authors?: string[];
  categories?: string[];
  summary?: string;
  has?: string;
  contentHas?: string;
  lacks?: string;
};

// Feeds as real publishers wrote them, kept beside the checkout because they are not ours to publish.
const FOLDER = join(import.meta.dirname, '../../../../shared/data/feeds');
const COLLECTIONS = ['feedjira', 'node-feedparser'];

for (const collection of COLLECTIONS) {
  const here = existsSync(join(FOLDER, collection)) ? test : test.skip;
  here(`the feeds of ${collection} are read as they are meant (skipped without ../shared/data/feeds)`, () => {
    const expected = readExpectations(collection);
    const files = readdirSync(join(FOLDER, collection)).filter((file) => file !== 'LICENSE');
    expect(Object.keys(expected).toSorted()).toEqual(files.toSorted());
    for (const [file, facts] of Object.entries(expected)) compare(readReport(collection, file), facts);
  });
}

function readExpectations(collection: string): Record<string, Expected> {
  const path = join(import.meta.dirname, 'expectations', `${collection}.json`);
  return JSON.parse(readFileSync(path, 'utf8')) as Record<string, Expected>;
}

function readReport(collection: string, file: string): FeedReport {
  const parsed = parseFeed(readFileSync(join(FOLDER, collection, file)), { url: '', timeoutMs: 50_000 });
  return reportFeed(
    file,
    parsed.kind === 'feed' ? parsed : { kind: 'unreadable', reason: parsed.failure.code },
  );
}

function compare(report: FeedReport, facts: Expected): void {
  const { source, ok, feed, articles } = report;
  if ('notAFeed' in facts) {
    expect([source, ok]).toEqual([source, false]);
    return;
  }
  const { count, title, url, language = feed.language } = facts;
  expect([source, articles.length, feed.title, feed.url, feed.language]).toEqual([
    source,
    count,
    title,
    href(url),
    language,
  ]);
  for (const [at, article] of Object.entries(facts.articles)) {
    compareArticle(`${source} ${at}`, articles[Number(at)], article);
  }
}

function compareArticle(
  name: string,
  article: FeedReport['articles'][number] | undefined,
  { summary = '', has = '', contentHas = '', lacks, ...facts }: ExpectedArticle,
): void {
  const { published, updated } = article ?? {};
  const shown = { ...article, published: toSeconds(published), updated: toSeconds(updated), name };
  const compared = Object.fromEntries(Object.entries(facts).filter(([, value]) => value !== undefined));
  expect(shown).toMatchObject({ ...compared, ...('url' in facts && { url: href(facts.url) }), name });
  const content = article?.content ?? '';
  const words = plainText(content.replaceAll('figcaption', 'p'));
  expect([name, article?.summary.slice(0, summary.length)]).toEqual([name, summary]);
  expect([name, words.includes(has), content.includes(contentHas)]).toEqual([name, true, true]);
  expect([name, lacks !== undefined && content.includes(lacks)]).toEqual([name, false]);
}

/** As a browser writes an address. */
function href(url: string | null | undefined): string | null {
  return url ? new URL(url).href : null;
}

function toSeconds(iso: string | null | undefined): string | null | undefined {
  return iso?.replace(/\.\d{3}Z$/, 'Z') ?? iso;
}
