import { addFeed } from '../../../src/articles/feeds/change-feeds.js';
import { listHolds } from '../../../src/articles/release/reads.js';
import { findPublicationBySlug } from '../../../src/publications/reads.js';
import { startFeedServer } from '../../support/feed-server.js';
import type { TestApp } from '../../support/test-app.js';
import { LANTERN } from './week.js';
import { updatePublication } from '../../../src/publications/change-publication.js';
import { DAY_MS } from '../../../src/platform/durations.js';

/** The path of a hold with several articles. */
export async function holdPath({ context }: TestApp): Promise<string> {
  const publication = await findPublicationBySlug(context.db, LANTERN);
  const where = { publicationId: publication?.id ?? '', before: undefined, limit: 10 };
  const hold = (await listHolds(context.db, where)).find(({ count }) => count > 1);
  return `/operator/publications/harbour-lantern/articles/holds/${hold?.id ?? 'missing'}`;
}

/** Adds two feeds: one brings articles that are held and one that waits, the other cannot be reached. */
export async function fillArticles(testApp: TestApp): Promise<() => Promise<void>> {
  const { context } = testApp;
  const publication = await findPublicationBySlug(context.db, LANTERN);
  if (publication === undefined) throw new Error('The demo has no publication');
  const { id: publicationId } = publication;
  const feed = await startFeedServer();
  await updatePublication(context, publicationId, { holdMinutes: 45 });
  const added = await addFeed(context, { publicationId, url: feed.url, includeNewest: 0 });
  await addFeed(context, { publicationId, url: `${feed.origin}/moved/away.xml`, includeNewest: 0 });
  await testApp.runDueJobs();
  feed.articles.push(...unusualArticles(context.now()));
  if (added.kind === 'added') await testApp.handlers['poll-feed']({ feedId: added.feedId });
  await updatePublication(context, publicationId, { holdMinutes: 0 });
  return feed.close;
}

const fromTheArchive = [
  'The regatta of last summer, in pictures',
  'How the old lamp was carried down the lighthouse stairs, all two hundred and eleven of them',
  'A map of the moorings',
  'The harbour master answers your questions',
  'Forty recipes with mussels',
];

function unusualArticles(now: Date) {
  return [
    {
      id: 'minutes',
      title: 'Minutes of the parish meeting, with all amendments and the list of those who sent apologies',
      text: '',
      date: now,
    },
    ...fromTheArchive.map((title, at) => ({
      id: `archive-${at}`,
      title,
      date: new Date(now.getTime() - (96 + at) * DAY_MS),
    })),
    { id: 'ferry', title: 'The ferry moves to its winter timetable', date: now },
  ];
}
