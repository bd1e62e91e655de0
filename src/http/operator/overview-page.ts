import type { Feed } from '../../articles/feed.js';
import { digestName } from '../../dashboard/digest-page.js';
import type { Overview } from '../../dashboard/overview.js';
import type { Context } from '../../platform/context.js';
import { clockInWords, weekdayInWords } from '../../platform/locales.js';
import type { Publication } from '../../publications/publication.js';
import { circuitRows } from './circuit-rows.js';

/** The first operator page, from figures to words. */
export function overviewPage(
  { templates, now }: Pick<Context, 'templates' | 'now'>,
  page: { publication: Publication; publications: Publication[]; overview: Overview; flash: string | null },
): string {
  const { publication, publications, overview, flash } = page;
  const last = overview.last && { ...overview.last, subject: overview.last.subject ?? 'Being prepared' };
  return templates.page('operator', 'en', {
    publication,
    publications,
    flash,
    counts: overview.counts,
    next: overview.next ?? null,
    last: last ?? null,
    attention: overview.attention.map((digest) => ({ ...digest, name: digestName(digest, digest.subject) })),
    circuits: circuitRows(overview.circuits, publication, now()),
    held: overview.held,
    waiting: overview.waiting,
    feeds: overview.feeds.map((feed) => feedRow(feed, publication)),
  });
}

function feedRow(feed: Feed, publication: Publication) {
  const ok = feed.failingSince === null;
  return {
    url: feed.url,
    title: feed.title,
    ok,
    health: ok ? healthy(feed, publication) : failing(feed, publication),
  };
}

function healthy(feed: Feed, publication: Publication): string {
  if (feed.lastPolledAt === null) return 'Not looked at yet; that happens within seconds.';
  const { timezone } = publication;
  return `Last looked at ${at(feed.lastPolledAt, publication)}, again at ${clockInWords(feed.nextPollAt, timezone, 'en')}.`;
}

function failing(feed: Feed, publication: Publication): string {
  const since = feed.failingSince === null ? '' : ` since ${at(feed.failingSince, publication)}`;
  return (
    `${feed.failure ?? 'It does not answer.'} It has not worked${since}. No article is lost: ` +
    `we look again at ${at(feed.nextPollAt, publication)}.`
  );
}

function at(date: Date, { timezone }: Publication): string {
  return `${weekdayInWords(date, timezone, 'en')}, ${clockInWords(date, timezone, 'en')}`;
}
