import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import type { FeedItem } from '../../../src/articles/parse/feed-item.js';
import { parseFeed } from '../../../src/articles/parse/parse-feed.js';
import { sanitiseHtml } from '../../../src/articles/clean/sanitise.js';

// Feeds as real publishers wrote them, kept beside the checkout because they are not ours to publish.
const FOLDER = join(import.meta.dirname, '../../../../shared/data/feeds');
const FILES = existsSync(FOLDER)
  ? readdirSync(FOLDER, { recursive: true, encoding: 'utf8' }).filter((file) =>
      /\.(?:xml|atom|json|html)$/.test(file),
    )
  : [];

/** Fragments of articles and one web page: the collections hold them for other tests. */
const NO_FEEDS = /FirstEntry(?:Content|Description)?\.xml$|notafeed\.html$/;

const withFiles = FILES.length > 0 ? test : test.skip;

withFiles(
  'every real feed is read, and only what is no feed is refused (skipped without ../shared/data/feeds)',
  () => {
    const unread = FILES.filter((file) => itemsOf(file).length === 0);
    expect(unread.filter((file) => !NO_FEEDS.test(file))).toEqual([]);
    expect(unread).toHaveLength(FILES.filter((file) => NO_FEEDS.test(file)).length);
  },
);

withFiles('every date in a real feed is understood (skipped without ../shared/data/feeds)', () => {
  const undated = FILES.filter((file) => itemsOf(file).some(({ publishedAt }) => publishedAt === undefined));
  const written = undated.filter((file) =>
    /<(?:pubDate|published|updated|dc:date)>/.test(readFileSync(join(FOLDER, file), 'utf8')),
  );
  expect(written).toEqual([]);
});

withFiles(
  'every link and picture of a real feed is absolute and safe (skipped without ../shared/data/feeds)',
  () => {
    for (const file of FILES) {
      for (const { url = 'https://', image = 'https://', contentHtml } of itemsOf(file)) {
        expect([file, url]).toEqual([file, expect.stringMatching(/^https?:\/\//)]);
        expect([file, image]).toEqual([file, expect.stringMatching(/^https:\/\//)]);
        expect(contentHtml).not.toMatch(/(?:href|src)="(?!https?:\/\/|mailto:)/);
        expect(contentHtml).not.toMatch(/(?![\t\n])\p{Cc}/u);
      }
    }
  },
);

withFiles(
  'the content of a real feed is a fixed point of the sanitiser (skipped without ../shared/data/feeds)',
  () => {
    for (const file of FILES) {
      for (const { contentHtml } of itemsOf(file))
        expect(sanitiseHtml(contentHtml, undefined)).toBe(contentHtml);
    }
  },
);

withFiles('reading a real feed twice gives the same ids (skipped without ../shared/data/feeds)', () => {
  for (const file of FILES) {
    const ids = itemsOf(file).map(({ externalId }) => externalId);
    expect(readItems(file).map(({ externalId }) => externalId)).toEqual(ids);
    expect(new Set(ids).size).toBe(ids.length);
  }
});

const read = new Map<string, FeedItem[]>();

function itemsOf(file: string): FeedItem[] {
  const known = read.get(file) ?? readItems(file);
  read.set(file, known);
  return known;
}

function readItems(file: string): FeedItem[] {
  const parsed = parseFeed(readFileSync(join(FOLDER, file)), {
    url: `https://feeds.example/${file}`,
    timeoutMs: 50_000,
  });
  return parsed.kind === 'feed' ? parsed.feed.items : [];
}
