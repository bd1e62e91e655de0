import type { ArchivePage } from '../../../digests/archive/pages.js';
import { toSafeLine, toSafeText } from '../../../platform/text/safe-text.js';
import type { Context } from '../../../platform/context.js';
import { textDirection } from '../../../platform/text/direction.js';
import { resolveDirections } from '../../../platform/text/resolve-directions.js';
import { withTitle } from '../digest-title.js';
import type { Publication } from '../../../publications/publication.js';

/** The publication's sent digests as an Atom feed (RFC 4287). */
export async function renderArchiveFeed(
  { now, publicUrl, templates }: Pick<Context, 'now' | 'publicUrl' | 'templates'>,
  publication: Publication,
  pages: readonly ArchivePage[],
): Promise<string> {
  // Imported only when a feed is rendered, which most processes never do.
  const { generateAtomFeed } = await import('feedsmith');
  const home = `${publicUrl}/${publication.slug}`;
  const feed = generateAtomFeed({
    id: `urn:uuid:${publication.id}`,
    title: { value: toSafeLine(publication.name), type: 'text' },
    updated: latest(
      pages.map((page) => changedAt(page, now())),
      publication.createdAt,
    ),
    authors: [{ name: toSafeLine(publication.fromName) }],
    links: [
      { href: `${home}/feed.xml`, rel: 'self', type: 'application/atom+xml' },
      { href: `${home}/archive`, rel: 'alternate', type: 'text/html' },
    ],
    entries: pages
      .map((one) => withTitle(templates, publication, one))
      .map((page) => ({
        id: `urn:uuid:${page.id}`,
        title: { value: page.title, type: 'text' },
        updated: changedAt(page, now()),
        published: page.sentAt,
        links: [{ href: `${home}/archive/${page.id}`, rel: 'alternate', type: 'text/html' }],
        content: {
          value: entryHtml(templates, publication, page),
          type: 'html',
        },
      })),
  });
  // XML has no way to write a noncharacter or most controls (XML 1.0 section 2.2): one would end the feed for everybody.
  return toSafeText(feed);
}

/** Programs that read feeds say nothing of direction: each block has its own. */
function entryHtml(templates: Context['templates'], publication: Publication, page: ArchivePage): string {
  const html = templates.page('archive-feed-entry', publication.locale, { publication, page });
  return resolveDirections(html, textDirection(templates.resolveLocale(publication.locale)));
}

/**
 * The latest of when it was sent and when its articles were corrected, without times in the future: publishers' clocks
 * may be fast.
 */
function changedAt({ sentAt, articles }: ArchivePage, now: Date): Date {
  const corrections = articles.flatMap(({ updatedAt }) => updatedAt ?? []);
  return latest(
    corrections.filter((at) => at <= now),
    sentAt,
  );
}

function latest(times: readonly Date[], atLeast: Date): Date {
  return times.reduce((one, other) => (other > one ? other : one), atLeast);
}
