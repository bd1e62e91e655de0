import type { XmlNode } from './xml/node.js';
import { textOf } from './xml/node.js';
import { repairedUrl, absoluteUrl } from '../clean/absolute-url.js';
import { xmlBaseOf } from './xml/base.js';
import type { RawFeed } from './feed-item.js';

/**
 * The address of the best link of this relation (RFC 4287 4.2.7): one that a browser opens before others, for people
 * before machines. No rel means alternate, and IANA's address of a relation means the relation.
 */
export function atomLink(links: XmlNode[], rel: string, document: string | undefined): string | undefined {
  const fitting = links.filter((link) => relationOf(link) === rel);
  const forPeople = fitting.filter(({ attributes: { type } }) => type === undefined || /html/i.test(type));
  for (const link of [...forPeople, ...fitting]) {
    const href = link.attributes['href'] ?? textOf(link);
    const url = repairedUrl(href, xmlBaseOf(link, document) ?? document);
    if (url !== undefined) return url;
  }
  return undefined;
}

/** What a feed says of its hub (WebSub 4). */
export function hubLinks(links: XmlNode[], document: string | undefined): Pick<RawFeed, 'hub' | 'self'> {
  return { hub: atomLink(links, 'hub', document), self: atomLink(links, 'self', document) };
}

/** A feed that was read from a file has no address of its own; what it says about itself is the next best. */
export function documentBase(url: string, links: XmlNode[]): string | undefined {
  return absoluteUrl(url, undefined) ?? atomLink(links, 'self', undefined);
}

export function relationOf({ attributes: { rel } }: XmlNode): string {
  const name = rel?.trim().toLowerCase() ?? '';
  return name === '' ? 'alternate' : name.replace(/^https?:\/\/www\.iana\.org\/assignments\/relation\//, '');
}
