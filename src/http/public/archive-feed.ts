import type { ArchivePage } from '../../digests/archive.js';
import type { Context } from '../../platform/context.js';
import { titled } from './archive-title.js';
import type { Publication } from '../../publications/publication.js';

/** The digests as an Atom feed (RFC 4287), for those who would rather read there than by mail. */
export async function archiveFeed(
  { publicUrl, templates }: Pick<Context, 'publicUrl' | 'templates'>,
  publication: Publication,
  pages: readonly ArchivePage[],
): Promise<string> {
  // Loaded with the first feed: most processes never make one.
  const { generateAtomFeed } = await import('feedsmith');
  const home = `${publicUrl}/${publication.slug}`;
  return generateAtomFeed({
    id: `urn:uuid:${publication.id}`,
    title: { value: publication.name, type: 'text' },
    updated: pages[0]?.sentAt ?? publication.createdAt,
    authors: [{ name: publication.fromName }],
    links: [
      { href: `${home}/feed.xml`, rel: 'self', type: 'application/atom+xml' },
      { href: `${home}/archive`, rel: 'alternate', type: 'text/html' },
    ],
    entries: pages
      .map((one) => titled(templates, publication, one))
      .map((page) => ({
        id: `urn:uuid:${page.id}`,
        title: { value: page.title, type: 'text' },
        updated: page.sentAt,
        published: page.sentAt,
        links: [{ href: `${home}/archive/${page.id}`, rel: 'alternate', type: 'text/html' }],
        content: {
          value: templates.page('archive-entry', publication.locale, { publication, page }),
          type: 'html',
        },
      })),
  });
}
