import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { addFeed } from '../../../src/articles/feeds/change-feeds.js';
import type { ParsedFeed } from '../../../src/articles/parse/feed-item.js';
import { ingestFeed } from '../../../src/articles/ingest/ingest-feed.js';
import { parseFeed } from '../../../src/articles/parse/parse-feed.js';
import { findFeed } from '../../../src/articles/feeds/reads.js';
import { sql } from '../../../src/platform/db/sql.js';
import type { Publication } from '../../../src/publications/publication.js';
import { openTestApp, type TestApp } from '../../support/test-app.js';

// Feeds as real publishers wrote them, kept beside the checkout because they are not ours to publish.
const FOLDER = join(import.meta.dirname, '../../../../shared/data/feeds');
const files = existsSync(FOLDER)
  ? readdirSync(FOLDER, { recursive: true, encoding: 'utf8' })
      .filter((file) => /\.(?:xml|rss|atom|rdf|json)$/.test(file))
      .toSorted()
  : [];
const withFiles = files.length > 0 ? test : test.skip;

withFiles(
  'every real feed brings its articles once, whatever becomes of ids and addresses (skipped without ../shared/data/feeds)',
  async () => {
    const testApp = await openTestApp();
    try {
      const told: string[] = [];
      for (const file of files) told.push(...(await findProblems(testApp, file)));
      expect(told).toEqual([]);
    } finally {
      await testApp.close();
    }
  },
  120_000,
);

/** What goes wrong when a newsletter of its own follows this file; empty when nothing does. */
async function findProblems(testApp: TestApp, file: string): Promise<string[]> {
  const parsing = parseFeed(readFileSync(join(FOLDER, file)), {
    url: 'https://feeds.example/feed',
    timeoutMs: 50_000,
  });
  if (parsing.kind === 'not-a-feed') return [];
  const { feed } = parsing;
  const number = files.indexOf(file);
  const publication = await testApp.createPublication({ slug: `paper-${number}`, holdMinutes: 10 });
  const look = await follow(testApp, publication);
  const first = await look(feed);
  const again = await look(feed);
  const backwards = await look({ ...feed, items: feed.items.toReversed() });
  const before = await countDue(testApp, publication);
  await look(withOtherIds(feed));
  await look(withOtherLinks(feed));
  const after = await countDue(testApp, publication);
  return [
    ...(first > feed.items.length || (first === 0 && feed.items.length > 0)
      ? [`${file}: ${first} at first`]
      : []),
    ...(again > 0 ? [`${file}: ${again} new at the second look`] : []),
    ...(backwards > 0 ? [`${file}: ${backwards} new in another order`] : []),
    ...(after !== before ? [`${file}: ${before} due, then ${after}`] : []),
  ];
}

/** A feed whose first poll takes all there is as new. Returns how to ingest one more version of it. */
async function follow({ context }: TestApp, publication: Publication) {
  const url = 'https://feeds.example/feed';
  const added = await addFeed(context, { publicationId: publication.id, url, includeNewest: 999 });
  const followed = added.kind === 'added' ? await findFeed(context.db, added.feedId) : undefined;
  if (followed === undefined) throw new Error('The feed was not added');
  const fetched = {
    kind: 'fetched' as const,
    status: 200,
    url,
    body: Buffer.alloc(0),
    contentType: undefined,
  };
  return async (parsed: ParsedFeed) =>
    (await ingestFeed(context, followed, publication, parsed, fetched)).added;
}

function withOtherIds(feed: ParsedFeed): ParsedFeed {
  const items = feed.items.map((item, at) => ({ ...item, externalId: `urn:moved:${at}` }));
  return { ...feed, items };
}

function withOtherLinks(feed: ParsedFeed): ParsedFeed {
  const items = feed.items.map((item, at) => ({
    ...item,
    externalId: `urn:moved-again:${at}`,
    url: `https://moved.example/${at}`,
  }));
  return { ...feed, items };
}

/** The articles that readers have got or are to get. */
async function countDue({ context }: TestApp, publication: Publication): Promise<number> {
  const { count } = await context.db.one<{ count: number }>(sql`
    select count(*) as count
      from articles
     where publication_id = ${publication.id}
       and state in ('waiting', 'released')
  `);
  return count;
}
